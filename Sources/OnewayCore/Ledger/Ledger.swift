/// What the store decides, as functions of rows: rows before and an event in, rows after and the answer out.
///
/// Nothing here loads or saves. A store loads the rows that a function asks for, calls it, and saves what differs, in
/// one transaction; what the counters and the groups become follows from the same changes (`Counters.count`).
public enum Ledger {}
