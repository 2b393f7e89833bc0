import OnewayCore

/// The changes in Marketo: only the fields that differ, before and after.
enum ChangeText {
    /// Of an answer that has `changes`.
    static func lines(_ root: JSONValue, _ screen: Screen) -> [String] {
        (root["changes"]?.elements ?? []).flatMap { [""] + lines(of: $0, screen) }
    }

    static func lines(of change: JSONValue, _ screen: Screen) -> [String] {
        let (before, after) = (change["before"], change["after"])
        let verb = after?.isObject != true ? "deletes" : before?.isObject != true ? "gets" : "changes"
        let title = "Marketo \(verb) \(change["kind"]?.string ?? "") \(change["key"]?.string ?? "")".printable
        var table = Table("", "", "")
        let known = before?.members ?? []
        let fields = after?.members ?? []
        for field in fields {
            let old = known.first { $0.name == field.name }.map { $0.value.shown }
            if old != field.value.shown { table.add(field.name, old.map { "\($0) ->" } ?? "", field.value.shown) }
        }
        for field in known where after?.isObject == true && !fields.contains(where: { $0.name == field.name }) {
            table.add(field.name, "\(field.value.shown) ->", "(left as it is)")
        }
        let reasons = (change["reasons"]?.elements ?? []).map(\.reason)
        return [title] + (table.lines(on: screen, inset: 2) + reasons).map { "  \($0)" }
    }
}

extension ChangeText {
    /// By field, with the first records of each.
    static func summary(_ summary: ChangeSummary, _ screen: Screen) -> [String] {
        if summary.total == 0 { return ["nothing changes"] }
        return summary.groups.flatMap { group -> [String] in
            let (what, title): (String, [String]) =
                switch group.effect {
                case .appears: ("\(group.kind.named(group.count)) more", [])
                case .disappears: ("\(group.kind.named(group.count)) less", [])
                case .field(let name): ("\(name) of \(group.kind.named(group.count))", ["NOW", "THEN"])
                }
            let head = Paint.bold(what.printable, on: screen)
            let rest = group.count - group.samples.count
            let more = rest > 0 && !title.isEmpty ? ["  and \(Wording.number(rest)) more"] : []
            return [head] + samples(group, screen) + more
        } + ["", Wording.count(summary.total, "record changes", "records change")]
    }

    private static func samples(_ group: ChangeSummary.Group, _ screen: Screen) -> [String] {
        var table = Table("", "", "", "")
        for sample in group.samples {
            guard case .field = group.effect else {
                table.add(sample.key.text, "", "", "")
                continue
            }
            table.add(shown(sample.before), "->", shown(sample.after), "", beneath: sample.key.text)
        }
        return table.lines(on: screen, inset: 2).map { "  \($0)" }
    }

    private static func shown(_ value: [UInt8]?) -> String {
        guard let value else { return "(not sent)" }
        return (try? JSONDocument(value).root.shown) ?? ""
    }
}

extension JSONValue {
    /// For a reader who does not know JSON.
    var shown: String {
        if isNull { return "(empty)" }
        if isObject { return members.map(\.value.shown).joined(separator: " ") }
        if isArray { return elements.map(\.shown).joined(separator: ", ") }
        return (string ?? number ?? bool.map { $0 ? "yes" : "no" } ?? "").printable
    }

    /// A rule and what it says.
    var reason: String { "\((self["rule"]?.string ?? "").padded(to: 4)) \(self["says"]?.string ?? "")".printable }
}
