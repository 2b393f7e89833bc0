public import Configuration
public import OnewayCore
import Reading
public import Store

/// The opportunity's columns: which of them occur in the kept notifications, and which Marketo fields each one
/// determines.
public struct FieldSurvey: Sendable {
    public struct Column: Sendable {
        public let name: String
        /// The Marketo fields that follow from it; empty when it is not selected.
        public internal(set) var fields: [String] = []
        /// The number of notifications that contain it.
        public internal(set) var seen = 0
        /// Kinds of values, without the values.
        public internal(set) var shape = Shape()
    }

    /// By name.
    public private(set) var columns: [Column] = []
    /// How many notifications of opportunities were read.
    public private(set) var notifications = 0

    public static let notificationsMax = 1_000
    private static let rowsMax = 20_000

    /// Reads the newest notifications that are kept.
    public init(_ settings: Configuration, store: any StoreQueries) async throws(StoreError) {
        var found = Self.selected(settings).mapValues { fields in fields.sorted() }
            .map { name, fields in Column(name: name, fields: fields) }
            .reduce(into: [String: Column]()) { $0[$1.name] = $1 }
        var (last, rows) = (InboxID?.none, 0)
        while rows < Self.rowsMax, notifications < Self.notificationsMax {
            let page = try await store.inbox(InboxFilter(), before: last, limit: 500)
            for item in page where item.entity == Entity.opportunity.rawValue && notifications < Self.notificationsMax {
                guard let body = try await store.body(of: item.id) else { continue }
                notifications += 1
                Self.add(body, depthMax: settings.limits.jsonDepthMax, to: &found)
            }
            rows += page.count
            guard let next = page.last?.id else { break }
            last = next
        }
        columns = found.values.sorted { $0.name < $1.name }
    }

    private static func add(_ body: [UInt8], depthMax: Int, to found: inout [String: Column]) {
        guard let read = try? DynamicsNotification.decode(body, selection: .everything, depthMax: depthMax) else {
            return
        }
        let told = read.changes.filter { $0.key.entity == .opportunity }.flatMap(\.attributeSets).flatMap(\.attributes)
        for attribute in told {
            found[attribute.name, default: Column(name: attribute.name)].shape.add(attribute.value)
        }
        for name in Set(told.map(\.name)) { found[name]?.seen += 1 }
    }

    /// Marketo's fields by column, including those that the rules set.
    private static func selected(_ settings: Configuration) -> [String: Set<String>] {
        let rules = RuleSettings(settings)
        var selected: [String: Set<String>] = [
            "opportunityid": ["externalOpportunityId"], "customerid": ["externalCompanyId"],
            "parentaccountid": ["externalCompanyId"], "parentcontactid": ["externalCompanyId"],
            "statecode": ["isClosed", "isWon"],
        ]
        for column in [rules.amount.open, rules.amount.won] { selected[column, default: []].insert("amount") }
        for field in rules.fields ?? SelectedField.byDefault where !rules.ruledFields.contains(field.field) {
            selected[field.column, default: []].insert(field.field)
        }
        if rules.fields == nil {
            for column in ["estimatedclosedate", "actualclosedate"] {
                selected[column, default: []].insert("closeDate")
            }
        }
        if let condition = rules.syncWhen { selected[condition.column, default: []].insert("(rules.syncWhen)") }
        return selected
    }
}

extension FieldSurvey {
    /// The kinds of values, never the values themselves.
    public struct Shape: Sendable {
        private var kinds: Set<String> = []
        private var charactersMax = 0
        private var decimalsMax = 0
        private var tables: Set<String> = []

        mutating func add(_ value: Value) {
            switch value {
            case .null: break
            case .bool: kinds.insert("yes/no")
            case .number(let digits), .money(let digits):
                kinds.insert(value.isMoney ? "money" : "number")
                decimalsMax = max(decimalsMax, digits.drop { $0 != "." }.count - 1)
            case .text(let text):
                kinds.insert("text")
                charactersMax = max(charactersMax, text.count)
            case .time: kinds.insert("time")
            case .reference(let table, _):
                kinds.insert("look-up")
                tables.insert(table)
            case .choice: kinds.insert("choice")
            case .choices: kinds.insert("choices")
            }
        }

        /// Such as "text of up to 12 characters".
        public var description: String {
            kinds.sorted().map { kind in
                switch kind {
                case "text": "text of up to \(charactersMax) characters"
                case "money", "number": decimalsMax > 0 ? "\(kind), \(decimalsMax) decimals" : kind
                case "look-up": "look-up to \(tables.sorted().joined(separator: ", "))"
                default: kind
                }
            }.joined(separator: " or ")
        }
    }

    public var json: JSON {
        [
            "notifications": .int(notifications),
            "columns": .array(
                columns.map { column in
                    [
                        "column": .string(column.name), "shape": .string(column.shape.description),
                        "seen": .int(column.seen), "fields": .array(column.fields.map(JSON.string)),
                    ]
                }
            ),
        ]
    }
}

extension Value {
    fileprivate var isMoney: Bool { if case .money = self { true } else { false } }
}
