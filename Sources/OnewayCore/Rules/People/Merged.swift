/// Merged contacts and accounts: Dynamics keeps the loser and points it to the winner, who takes its place everywhere.
extension Slice {
    /// The contact that this one was merged into, or itself. Its record may not be available.
    func winner(ofContact id: GUID) -> GUID { Self.winner(of: id, among: contacts) }

    /// The account that this one was merged into, or itself. Its record may not be available.
    func winner(ofAccount id: GUID) -> GUID { Self.winner(of: id, among: accounts) }

    static func winner(of id: GUID, among records: [GUID: MirrorRecord]) -> GUID {
        guard var winner = records[id]?.mergedInto else { return id }
        // Dynamics merges in one direction only, but a cycle, if one is ever reported, must not loop forever.
        var passed: Set = [id, winner]
        while let next = records[winner]?.mergedInto, passed.insert(next).inserted { winner = next }
        return winner
    }
}

extension MirrorRecord {
    /// The record that replaced this one.
    var mergedInto: GUID? {
        guard let master = self["masterid"]?.reference, master.entity == key.entity.rawValue else { return nil }
        return self["merged"] == .bool(false) ? nil : master.id
    }
}
