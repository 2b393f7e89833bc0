/// The stored form: one version byte, the key, the record's own facts, a table of the distinct stamps (most attributes
/// share one), then the attributes by name. If one of the record's notifications was cut, or it was only mentioned, the
/// time of the cut, if any, comes next. Equal records have equal bytes.
extension MirrorRecord {
    /// As the next one, and last the time of a notification from inside a transaction. Where there are no synchronous steps,
    /// no record has it, and a program that does not know this form can read all.
    private static let storedTentative: UInt8 = 3
    private static let storedVersion: UInt8 = 2
    /// The same form, but without all the values that the customer implies for the look-ups on the form.
    private static let storedBefore: UInt8 = 1

    public func encoded() -> [UInt8] {
        var bytes = ByteWriter()
        bytes.byte(tentativeAt == nil ? Self.storedVersion : Self.storedTentative)
        bytes.byte(Self.code(of: key.entity))
        bytes.guid(key.id)
        bytes.optional(deletedAt) { $0.signed($1) }
        bytes.optional(revivedAt) { $0.signed($1) }
        bytes.optional(refusal) {
            $0.signed($1.second)
            $0.guid($1.user)
        }
        bytes.optional(allowedAt) { $0.signed($1) }
        let named = attributes.sorted { $0.key < $1.key }
        var stamps: [StampAndClock] = []
        var indexes: [StampAndClock: Int] = [:]
        for (_, told) in named {
            let stamp = StampAndClock(stamp: told.stamp, clock: told.clock)
            if indexes.updateValue(indexes[stamp] ?? stamps.count, forKey: stamp) == nil { stamps.append(stamp) }
        }
        bytes.count(stamps.count)
        for stamp in stamps { bytes.stamp(stamp) }
        bytes.count(named.count)
        for (name, told) in named {
            bytes.text(name)
            bytes.count(indexes[StampAndClock(stamp: told.stamp, clock: told.clock)] ?? 0)
            bytes.value(told.value)
            bytes.optional(told.claims) { $0.claims($1) }
        }
        if isMentioned || cutAt != nil || tentativeAt != nil { bytes.optional(cutAt) { $0.signed($1) } }
        if let tentativeAt { bytes.signed(tentativeAt) }
        return bytes.bytes
    }

    public init(decoding bytes: [UInt8]) throws(MirrorRecordUnreadable) {
        var reader = ByteReader(bytes)
        let version = try reader.byte()
        guard [Self.storedTentative, Self.storedVersion, Self.storedBefore].contains(version) else {
            throw reader.unreadable("a version this program does not know")
        }
        let entity = try reader.byte()
        guard let entity = Entity.allCases.first(where: { Self.code(of: $0) == entity }) else {
            throw reader.unreadable("an entity this program does not know")
        }
        self.init(RecordKey(entity, try reader.guid()))
        deletedAt = try reader.optional { r throws(MirrorRecordUnreadable) in try r.signed() }
        revivedAt = try reader.optional { r throws(MirrorRecordUnreadable) in try r.signed() }
        refusal = try reader.optional { r throws(MirrorRecordUnreadable) in
            Refusal(second: try r.signed(), user: try r.guid())
        }
        allowedAt = try reader.optional { r throws(MirrorRecordUnreadable) in try r.signed() }
        var stamps: [StampAndClock] = []
        for _ in 0..<(try reader.count()) { stamps.append(try reader.stamp()) }
        let count = try reader.count()
        attributes.reserveCapacity(count)
        for _ in 0..<count {
            let name = try reader.text()
            // Not a count: the rest may be shorter than the table of stamps.
            let index = Int(clamping: try reader.unsigned())
            guard index < stamps.count else { throw reader.unreadable("a stamp index out of range") }
            let value = try reader.value()
            let claims = try reader.optional { r throws(MirrorRecordUnreadable) in try r.claims() }
            attributes[name] = StampedValue(value, stamps[index].stamp, stamps[index].clock, claims: claims)
        }
        if version == Self.storedTentative {
            cutAt = try reader.optional { r throws(MirrorRecordUnreadable) in try r.signed() }
            tentativeAt = try reader.signed()
        } else if !reader.isAtEnd {
            cutAt = try reader.optional { r throws(MirrorRecordUnreadable) in try r.signed() }
            markMentioned()
        }
        guard reader.isAtEnd else { throw reader.unreadable("bytes after the end") }
        if version == Self.storedBefore { mendFormByCustomer() }
    }

    /// Stored: never renumber.
    private static func code(of entity: Entity) -> UInt8 {
        switch entity {
        case .opportunity: 1
        case .contact: 2
        case .account: 3
        case .connection: 4
        case .systemUser: 5
        }
    }
}

/// A stored record that cannot be read: damaged, or written by a newer program.
public struct MirrorRecordUnreadable: Error, Hashable, Sendable, CustomStringConvertible {
    public let offset: Int
    public let says: String

    public var description: String { "the stored record cannot be read at byte \(offset): \(says)" }
}

struct StampAndClock: Hashable {
    let stamp: Stamp
    let clock: TimeOrigin
}

extension ByteWriter {
    fileprivate mutating func stamp(_ stamped: StampAndClock) {
        let stamp = stamped.stamp
        byte(stamp.source.rawValue)
        byte(stamped.clock.rawValue)
        signed(stamp.second)
        optional(stamp.rowVersion) { $0.unsigned($1) }
        optional(stamp.operationCreatedOn) { $0.signed($1.milliseconds) }
        optional(stamp.depth) { $0.signed(Int64($1)) }
    }

    fileprivate mutating func claims(_ claims: Claims) {
        byte(claims.isSettled ? 1 : 0)
        count(claims.plain.count)
        for value in claims.plain { self.value(value) }
        count(claims.versioned.count)
        for value in claims.versioned { self.value(value) }
    }

    fileprivate mutating func value(_ value: Value) {
        byte(value.kind)
        switch value {
        case .null: break
        case .bool(let bool): byte(bool ? 1 : 0)
        case .number(let text), .money(let text), .text(let text): self.text(text)
        case .time(let time): signed(time.milliseconds)
        case .reference(let entity, let id):
            text(entity)
            guid(id)
        case .choice(let number): signed(Int64(number))
        case .choices(let numbers):
            count(numbers.count)
            for number in numbers { signed(Int64(number)) }
        }
    }
}

extension ByteReader {
    fileprivate mutating func stamp() throws(MirrorRecordUnreadable) -> StampAndClock {
        guard let source = Stamp.Source(rawValue: try byte()), let clock = TimeOrigin(rawValue: try byte()) else {
            throw unreadable("a source this program does not know")
        }
        let stamp = Stamp(
            second: try signed(),
            source: source,
            rowVersion: try optional { r throws(MirrorRecordUnreadable) in try r.unsigned() },
            operationCreatedOn: try optional { r throws(MirrorRecordUnreadable) in
                Timestamp(milliseconds: try r.signed())
            },
            depth: try optional { r throws(MirrorRecordUnreadable) in try r.int() }
        )
        return StampAndClock(stamp: stamp, clock: clock)
    }

    fileprivate mutating func claims() throws(MirrorRecordUnreadable) -> Claims {
        var claims = Claims(isSettled: try byte() == 1)
        for _ in 0..<(try count()) { claims.plain.append(try value()) }
        for _ in 0..<(try count()) { claims.versioned.append(try value()) }
        return claims
    }

    fileprivate mutating func value() throws(MirrorRecordUnreadable) -> Value {
        switch try byte() {
        case 0: return .null
        case 1: return .bool(try byte() == 1)
        case 2: return .number(try text())
        case 3: return .money(try text())
        case 4: return .text(try text())
        case 5: return .time(Timestamp(milliseconds: try signed()))
        case 6: return .reference(entity: try text(), id: try guid())
        case 7: return .choice(try int())
        case 8:
            var numbers: [Int] = []
            for _ in 0..<(try count()) { numbers.append(try int()) }
            return .choices(numbers)
        default: throw unreadable("a kind of value this program does not know")
        }
    }
}
