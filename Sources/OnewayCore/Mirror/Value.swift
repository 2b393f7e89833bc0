/// The value of a column of a Dynamics record. `null` is a fact (reported empty); an unknown value is absent.
public enum Value: Sendable {
    case null
    case bool(Bool)
    /// The digits as received: decimals and 64-bit integers survive exactly.
    case number(String)
    /// The digits as received.
    case money(String)
    /// GUID columns that are not look-ups (keys, `processid`) are text too.
    case text(String)
    case time(Timestamp)
    /// A look-up. The entity is any logical name, not only a mirrored one.
    case reference(entity: String, id: GUID)
    case choice(Int)
    /// A multi-select: ascending, without duplicates.
    case choices([Int])

    public var isNull: Bool { if case .null = self { true } else { false } }

    public var reference: (entity: String, id: GUID)? {
        if case .reference(let entity, let id) = self { (entity, id) } else { nil }
    }

    public var choice: Int? { if case .choice(let number) = self { number } else { nil } }

    /// A Target contains 1000 where the image of the same change contains 1000.0000: the same amount.
    var withoutTrailingZeros: Value {
        switch self {
        case .number(let digits): .number(Self.withoutTrailingZeros(digits))
        case .money(let digits): .money(Self.withoutTrailingZeros(digits))
        default: self
        }
    }

    private static func withoutTrailingZeros(_ digits: String) -> String {
        guard digits.utf8.contains(UInt8(ascii: ".")), !digits.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") })
        else { return digits }
        var text = Substring(digits)
        while text.hasSuffix("0") { text.removeLast() }
        return String(text.hasSuffix(".") ? text.dropLast() : text)
    }
}

/// A total order, the last tie-breaker of R7: by kind, then by content. Text is compared by its bytes, because Swift's
/// equality treats composed and decomposed letters as equal, and then the order of arrival would decide the bytes.
extension Value: Hashable, Comparable {
    public static func == (left: Value, right: Value) -> Bool { left.compared(to: right) == 0 }

    public static func < (left: Value, right: Value) -> Bool { left.compared(to: right) < 0 }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        switch self {
        case .null: break
        case .bool(let value): hasher.combine(value)
        case .number(let text), .money(let text), .text(let text): hasher.combine(text)
        case .time(let time): hasher.combine(time)
        case .reference(let entity, let id):
            hasher.combine(entity)
            hasher.combine(id)
        case .choice(let number): hasher.combine(number)
        case .choices(let numbers): hasher.combine(numbers)
        }
    }

    /// Also the tag of the stored form: never renumber.
    var kind: UInt8 {
        switch self {
        case .null: 0
        case .bool: 1
        case .number: 2
        case .money: 3
        case .text: 4
        case .time: 5
        case .reference: 6
        case .choice: 7
        case .choices: 8
        }
    }

    private func compared(to other: Value) -> Int {
        switch (self, other) {
        case (.null, .null): 0
        case (.bool(let left), .bool(let right)): order(left ? 1 : 0, right ? 1 : 0)
        case (.number(let left), .number(let right)), (.money(let left), .money(let right)),
            (.text(let left), .text(let right)):
            byteOrder(left, right)
        case (.time(let left), .time(let right)): order(left, right)
        case (.reference(let left, let leftID), .reference(let right, let rightID)):
            leftID == rightID ? byteOrder(left, right) : order(leftID, rightID)
        case (.choice(let left), .choice(let right)): order(left, right)
        case (.choices(let left), .choices(let right)):
            left == right ? 0 : (left.lexicographicallyPrecedes(right) ? -1 : 1)
        default: order(kind, other.kind)
        }
    }
}

private func order<Part: Comparable>(_ left: Part, _ right: Part) -> Int { left < right ? -1 : (left == right ? 0 : 1) }

private func byteOrder(_ left: String, _ right: String) -> Int {
    if left.utf8.elementsEqual(right.utf8) { return 0 }
    return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
}
