/// The store's decisions, as functions of rows: the rows before and an event in, the rows after and the result out.
///
/// Nothing here loads or saves. A store loads the rows that a function needs, calls it, and saves the differences in
/// one transaction; the counters and the groups are derived from the same changes (`Counters.count`).
public enum Ledger {}
