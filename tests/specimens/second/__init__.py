"""A second style of specimens, drawn by other hands: other layouts, people, fonts, cameras (R1.4, R4.1).

It shares nothing with the first style but the dataclasses of a person, a paper and a font, so that a reader built on one
style can be measured on the other. Everybody in it is made up, and every picture carries a mark.
"""
