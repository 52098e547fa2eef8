"""Static files with a fingerprint in their names, compressed once before the start."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """gzip alone: Brotli, which the papers' font tools bring along, works most of a minute at every fresh start."""

    def create_compressor(self, **kwargs):
        return super().create_compressor(**kwargs | {"use_brotli": False})
