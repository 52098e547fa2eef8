"""Static files with hashed names, compressed by collectstatic."""

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULE_IMPORTS = (
    r'(?P<matched>(?P<keyword>\b(?:from|import)\s*)"(?P<url>\.{1,2}/[^"]+\.js)";)',
    '%(keyword)s"%(url)s";',
)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Compresses with gzip only: Brotli, an indirect dependency, would take most of a minute.

    Imports of ES modules below `js/` get the hashed names. Django's `support_js_module_import_aggregation` would
    process the scripts of all libraries, and some of them import files that they do not ship.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", (MODULE_IMPORTS,)))
    max_post_process_passes = 10  # one pass per level of imports, because a hash depends on the hashes of the imports

    def create_compressor(self, **kwargs) -> Compressor:
        return super().create_compressor(**kwargs | {"use_brotli": False})
