/// One value that a report gave, and what became of it (R7).
public struct Contribution: Hashable, Sendable {
    public enum Fate: Hashable, Sendable {
        /// It is the value that is known now.
        case newest
        /// A newer value has replaced it.
        case replaced(by: StampedValue)
        /// It is newer than what is known: the report has not been applied yet.
        case unapplied
        /// A newer value was known when it arrived: from the report with this index, or from an earlier one.
        case late(known: StampedValue, from: Int?)
    }

    public let key: RecordKey
    public let attribute: String
    public let told: StampedValue
    public let fate: Fate
}

extension Contribution {
    /// What each of these reports contributed. Values that were known already are left out.
    /// - Parameters:
    ///   - reports: In the order of their arrival.
    ///   - mirror: What is known now, from these and from earlier reports.
    public static func of(_ reports: [[MirrorRecord]], in mirror: [RecordKey: MirrorRecord]) -> [[Contribution]] {
        var known: [RecordKey: [String: (told: StampedValue, from: Int)]] = [:]
        return reports.enumerated().map { index, facts in
            var contributions: [Contribution] = []
            for (key, attribute, told) in facts.flatMap(\.tellings) {
                let before = known[key]?[attribute]
                if let before, before.told.value == told.value {
                    if before.told.stamp < told.stamp { known[key]?[attribute] = (told, index) }
                    continue
                }
                if let before, told.isOlder(than: before.told) {
                    // An image of the record before a change is expected to be older.
                    if told.stamp.fills { continue }
                    let fate = Fate.late(known: before.told, from: before.from)
                    contributions.append(Contribution(key: key, attribute: attribute, told: told, fate: fate))
                    continue
                }
                known[key, default: [:]][attribute] = (told, index)
                let fate = Fate(of: told, now: mirror[key]?.attributes[attribute])
                contributions.append(Contribution(key: key, attribute: attribute, told: told, fate: fate))
            }
            return contributions
        }
    }
}

extension Contribution.Fate {
    fileprivate init(of told: StampedValue, now: StampedValue?) {
        guard let now else { self = .unapplied; return }
        if now.value == told.value {
            self = .newest
        } else {
            self = now.isOlder(than: told) ? .unapplied : .replaced(by: now)
        }
    }
}

extension MirrorRecord {
    /// In a fixed order.
    fileprivate var tellings: [(RecordKey, String, StampedValue)] {
        attributes.sorted { $0.key < $1.key }.map { (key, $0.key, $0.value) }
    }

    /// The part of it that was read from Dynamics.
    public var read: MirrorRecord {
        var read = self
        read.attributes = attributes.filter { $0.value.stamp.source == .reading }
        return read
    }
}
