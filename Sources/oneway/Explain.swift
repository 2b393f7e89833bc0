import Configuration
import Glibc
import OnewayCore
import Service
import Store

/// `oneway explain`: one notification against an empty mirror.
enum Explain {
    struct Options: Equatable {
        var file: String
        var configuration: String?
        var isJSON = false
    }

    static func run(_ options: Options) async -> Int32 {
        do {
            let settings = try Settings.source(options.configuration).read(toServe: false).configuration
            let body = try read(options.file)
            let explanation = try await Explainer(settings, store: MemoryStore()).explain(body)
            print(options.isJSON ? String(decoding: explanation.json.encoded, as: UTF8.self) : text(explanation))
            return explanation.isTurnedAway ? 1 : 0
        } catch let problems as Problems {
            Settings.complain(problems)
            return 2
        } catch is Unreadable {
            Terminal.complain("\(options.file) cannot be read.")
        } catch {
            Terminal.complain("\(error)")
        }
        return 1
    }

    /// For a reader who knows Dynamics and no code.
    static func text(_ explanation: Explanation) -> String {
        let about = [explanation.message, explanation.entity, explanation.record].compactMap(\.self)
        let code = explanation.code.map { " (\($0))" } ?? ""
        var lines = ["\(explanation.outcome)\(code): \(about.isEmpty ? "unreadable" : about.joined(separator: " "))"]
        if explanation.isRepaired { lines.append("its text was encoded twice and has been repaired") }
        lines += section(
            "It says",
            explanation.attributes.map { "\($0.name.padded(to: 24)) \(shown($0.told.value.json))" }
        )
        lines += section("Because", explanation.reasons.map(shown))
        for change in explanation.changes {
            lines += section(title(change), fields(change) + change.reasons.map(shown))
        }
        if explanation.changes.isEmpty { lines += ["", "Marketo: nothing changes by this alone"] }
        return lines.joined(separator: "\n")
    }

    private static func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", title] + lines.map { "  \($0)" }
    }

    private static func title(_ change: Change) -> String {
        let verb = change.after == nil ? "deletes" : change.before == nil ? "gets" : "changes"
        return "Marketo \(verb) \(change.key.kind.rawValue) \(change.key.text)"
    }

    /// Only what differs.
    private static func fields(_ change: Change) -> [String] {
        let (before, after) = (members(change.before), members(change.after))
        return after.compactMap { field in
            let old = before.first { $0.name == field.name }?.value
            if old == field.value { return nil }
            let arrow = old.map { "\($0) -> " } ?? ""
            return "\(field.name.padded(to: 24)) \(arrow)\(field.value)"
        }
    }

    private static func members(_ record: [UInt8]?) -> [(name: String, value: String)] {
        guard let record, let root = try? JSONDocument(record).root else { return [] }
        return root.members.map { ($0.name, shown($0.value)) }
    }

    private static func shown(_ reason: Reason) -> String { "\((reason.rule ?? "").padded(to: 4)) \(reason.says)" }

    private static func shown(_ value: JSONValue) -> String {
        if value.isNull { return "(empty)" }
        return value.string ?? value.number ?? value.bool.map { $0 ? "yes" : "no" } ?? ""
    }

    private static func shown(_ json: JSON) -> String {
        switch json {
        case .null: "(empty)"
        case .string(let text): text
        case .bool(let value): value ? "yes" : "no"
        case .object(let members): members.map { shown($0.value) }.joined(separator: " ")
        case .array(let values): values.map(shown).joined(separator: ", ")
        default: String(decoding: json.encoded, as: UTF8.self)
        }
    }

    private struct Unreadable: Error {}

    private static func read(_ path: String) throws(Unreadable) -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < bytesMax {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Unreadable() }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
        throw Unreadable()
    }

    private static let bytesMax = 16 << 20
}
