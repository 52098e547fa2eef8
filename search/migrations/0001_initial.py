from django.db import migrations

# Both run inside indexes, so they must give the same answer for ever: normalisation and case come from PostgreSQL's own
# Unicode tables (pg_c_utf8), not from the locale of the server. Their bodies are bound when they are made (RETURN), for
# ANALYZE and restoring a dump look nothing up on a search path. COST tells the planner to ask the index first.
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
    SELECT DISTINCT one || next
    FROM unnest(string_to_array(folded, NULL), (string_to_array(folded, NULL))[2:]) AS pairs (one, next)
    WHERE one <> chr(31) AND next <> chr(31)
);
"""
BACKWARD = """
DROP FUNCTION search_bigrams(text);
DROP FUNCTION search_text(text[], text[]);
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
