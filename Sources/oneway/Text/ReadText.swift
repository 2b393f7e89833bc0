import OnewayCore

/// The records that Dynamics was, or is to be, asked for.
enum ReadText {
    static func lines(_ root: JSONValue, _ screen: Screen) -> [String] {
        let reads = root["reads"]?.elements ?? []
        let open = reads.count { $0["nextAt"]?.string != nil }
        let answered = Wording.number(reads.count - open)
        let says =
            open == 0
            ? "\(answered) read from Dynamics"
            : "\(answered) read from Dynamics, \(Wording.number(open)) not answered yet: it continues"
        return [says] + table(reads, screen)
    }

    /// What was asked because a record waits.
    static func words(_ read: JSONValue, _ screen: Screen) -> String {
        let record = ["entity", "record"].compactMap { read[$0]?.string }.joined(separator: " ")
        guard let askedAt = read["askedAt"]?.string else { return "Dynamics is to be asked for \(record)".printable }
        let answer = read["answer"]?.string.map { ": \($0)" } ?? ""
        let next = read["nextAt"]?.string.map { "; asked again \(screen.time($0))" } ?? ""
        return "asked Dynamics for \(record) \(screen.time(askedAt))\(answer)\(next)".printable
    }

    static func table(_ reads: [JSONValue], _ screen: Screen) -> [String] {
        var table = Table("RECORD", "", "WHY", "ASKED", "ANSWER", whole: [""])
        for read in reads {
            table.add(
                read["entity"]?.string ?? "",
                read["record"]?.string ?? "",
                read["reason"]?.string ?? "",
                screen.time(read["askedAt"]?.string),
                read["answer"]?.string ?? "not yet"
            )
        }
        return table.lines(on: screen)
    }
}
