"""Static files with a fingerprint in their names, compressed once before the start."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULE_IMPORTS = (
    r'(?P<matched>(?P<keyword>\b(?:from|import)\s*)"(?P<url>\.{1,2}/[^"]+\.js)";)',
    '%(keyword)s"%(url)s";',
)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """gzip alone: Brotli, which the papers' font tools bring along, works most of a minute at every fresh start.

    Imports of ES modules name the files with their fingerprints, under `js/` only: Django's own switch for this reads
    the scripts of every library, and some of them import files that they do not ship.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (MODULE_IMPORTS,)))
    max_post_process_passes = 10  # a file's fingerprint depends on those of its imports: one pass a level

    def create_compressor(self, **kwargs):
        return super().create_compressor(**kwargs | {"use_brotli": False})
