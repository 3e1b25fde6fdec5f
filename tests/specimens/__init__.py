"""Made-up papers for tests and measurements: drawn here, marked 样本/SPECIMEN, of people who do not exist (R1.4).

`people` draws who they are from a seed, `cards` and `papers` draw what they carry, `camera` photographs it badly. Nothing
here is derived from a real card: layout, wording and proportions are those every such paper shares.
"""
