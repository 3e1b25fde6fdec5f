"""The demo's voices made of arithmetic, as tests of the voice engine use them."""

from weidai.demo.voices import BO, LAN, pack_make, recording_make, sound_make, speaker_draw, wav_of, windows_for

__all__ = ["BO", "LAN", "pack_make", "recording_make", "sound_make", "speaker_draw", "wav_of", "windows_for"]
