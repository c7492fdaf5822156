"""Google's Gemini API: pictures at once by generateContent, videos by interactions that go on without us."""

from app.providers.gemini.adapter import Gemini

__all__ = ["Gemini"]
