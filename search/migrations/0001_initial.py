from django.db import migrations

# Both functions are used in indexes, so their results must not change: normalization and case mapping use PostgreSQL's
# own Unicode tables (pg_c_utf8), not the locale of the server. RETURN binds the names in the body at creation, because
# ANALYZE and restoring a dump run with an empty search_path. COST makes the planner use the index first.
FORWARD = r"""
CREATE FUNCTION search_text(keywords text[], VARIADIC texts text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100
RETURN regexp_replace(
    lower(normalize(
        (SELECT string_agg(translate(part, chr(31), ''), chr(31)) FROM unnest(texts || keywords) AS part), NFKC
    ) COLLATE pg_c_utf8),
    '[[:space:]\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+', '', 'g'
);

CREATE FUNCTION search_bigrams(folded text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
RETURN ARRAY(
    SELECT DISTINCT first || second
    FROM unnest(string_to_array(folded, NULL), (string_to_array(folded, NULL))[2:]) AS pairs (first, second)
    WHERE first <> chr(31) AND second <> chr(31)
);
"""
BACKWARD = """
DROP FUNCTION search_bigrams(text);
DROP FUNCTION search_text(text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
