"""An experiment: one training config, changed in rows, each run under every seed, all judged alike, and one table.

`python -m raytool.ablation --config FILE` runs what is left of it (`runner`). What a row is follows from the file alone
(`experiment`); what came of it is kept as a file of counts (`outcome`), out of which the tables are made (`tables`).
"""
