"""Everything about pixels: decoding what strangers send, small copies, recipes in files, masks, canvases, upscaling.

Pillow, NumPy, PyAV and ncnn only: no Flask, no database, no task queue.
"""
