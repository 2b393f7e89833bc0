/// How the id of a Dynamics record is written. Different programs write it differently, and Marketo keeps what it is
/// given.
public enum IDForm: String, Hashable, Sendable, CaseIterable {
    /// As Oneway sends it: lower case, with dashes, without braces.
    case canonical
    case capitals, mixedCase = "mixed-case"
    case braces, withoutDashes = "without-dashes"

    /// Nil if it is no such id at all.
    public init?(_ text: String) {
        guard let id = GUID(text) else { return nil }
        if text == "\(id)" {
            self = .canonical
        } else if text.hasPrefix("{") {
            self = .braces
        } else if !text.contains("-") {
            self = .withoutDashes
        } else {
            self = text == text.uppercased() ? .capitals : .mixedCase
        }
    }

    /// The ways in which it may be written, Oneway's first. Mixed case cannot be guessed.
    public static func all(of id: GUID) -> [String] {
        let (lower, upper) = ("\(id)", "\(id)".uppercased())
        let (plain, plainUpper) = (lower.filter { $0 != "-" }, upper.filter { $0 != "-" })
        // An id without letters is the same in both cases.
        return [lower, upper, "{\(lower)}", "{\(upper)}", plain, plainUpper].reduce(into: []) { forms, form in
            if !forms.contains(form) { forms.append(form) }
        }
    }

    public var words: String {
        switch self {
        case .canonical: "as Oneway sends it"
        case .capitals: "in capitals"
        case .mixedCase: "in mixed case"
        case .braces: "in braces"
        case .withoutDashes: "without dashes"
        }
    }
}
