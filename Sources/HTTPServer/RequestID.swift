import Synchronization

/// The id of a request in answers and logs.
enum RequestID {
    static func of(_ headers: Headers) -> String {
        if let theirs = headers["x-request-id"], isSane(theirs) { return theirs }
        return hexadecimal(start &+ count.add(1, ordering: .relaxed).newValue &* oddNumber)
    }

    /// Random once; after that every number differs, because the factor is odd. Asking the kernel each time would cost
    /// a call.
    private static let start = UInt64.random(in: .min ... .max)
    private static let count = Atomic<UInt64>(0)
    private static let oddNumber: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func hexadecimal(_ number: UInt64) -> String {
        unsafe String(unsafeUninitializedCapacity: 16) { digits in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> (60 - 4 * UInt64(index))) & 15
                unsafe digits[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }

    /// Allows nothing that could break a log line or an answer's head.
    static func isSane(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
