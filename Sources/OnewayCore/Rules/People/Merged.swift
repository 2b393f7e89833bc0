/// Merged contacts and accounts: Dynamics keeps the loser and points it to the winner, who takes its place everywhere.
extension Slice {
    /// The contact that counts for this one. Its record may not be at hand.
    func winner(ofContact id: GUID) -> GUID { Self.winner(of: id, among: contacts) }

    /// The account that counts for this one. Its record may not be at hand.
    func winner(ofAccount id: GUID) -> GUID { Self.winner(of: id, among: accounts) }

    private static func winner(of id: GUID, among records: [GUID: MirrorRecord]) -> GUID {
        guard var winner = records[id]?.mergedInto else { return id }
        // Dynamics merges in one direction only; a circle, should one ever be told, must not turn for ever.
        var passed: Set = [id, winner]
        while let next = records[winner]?.mergedInto, passed.insert(next).inserted { winner = next }
        return winner
    }
}

extension MirrorRecord {
    /// The record that took this one's place.
    var mergedInto: GUID? {
        guard let master = self["masterid"]?.reference, master.entity == key.entity.rawValue else { return nil }
        return self["merged"] == .bool(false) ? nil : master.id
    }
}
