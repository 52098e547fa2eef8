"""Month-end close (月结): what a version of the figures holds, how it differs from today, and how it is proved.

- `spans`: the month, the quarter and the year of a version.
- `freezing`: counts all figures and splits, and freezes the counted rows with their fingerprints, in SQL.
- `differences`: which counted rows came, went or changed since a version, and by how much its figures moved.
- `attention`: what deserves a look before a month is signed.
- `sealing`: hash of a version, seal of its signature, proof of both.
- `signed_values`: signed values beside the current ones on boards.
- `paper`: the signed version as PDF.

The steps (check, withdraw, sign) are in `mechanism.services.closing`.
"""
