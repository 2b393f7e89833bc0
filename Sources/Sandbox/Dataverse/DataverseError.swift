/// An error answer of Dataverse.
public struct DataverseError: Error, Hashable, Sendable {
    public let status: Int
    public let code: String
    public let message: String
    /// For 429.
    var retryAfterSeconds: Int?

    init(_ status: Int, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// An error from the OData library.
    static func bad(_ message: String) -> DataverseError { DataverseError(400, "0x0", message) }

    static func invalid(_ message: String) -> DataverseError { DataverseError(400, "0x80040203", message) }

    static func missingProperty(_ name: some StringProtocol, _ type: String) -> DataverseError {
        bad("Could not find a property named '\(name.prefix(80))' on type 'Microsoft.Dynamics.CRM.\(type)'.")
    }

    static func missingRow(_ table: String, _ id: some CustomStringConvertible) -> DataverseError {
        DataverseError(404, "0x80040217", "Entity '\(table)' With Id = \(id) Does Not Exist")
    }

    static func missingSegment(_ segment: some StringProtocol) -> DataverseError {
        DataverseError(404, "0x8006088a", "Resource not found for the segment '\(segment.prefix(80))'.")
    }

    static func missingMethod(_ verb: String, _ table: String) -> DataverseError {
        DataverseError(405, "0x80040800", "The '\(verb)' method does not support entities of type '\(table)'.")
    }
}
