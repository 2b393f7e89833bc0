import DataverseClient

/// A registration that cannot be read or changed, with a sentence for people.
public struct RegistrationFailure: Error, Hashable, Sendable {
    public let says: String

    init(_ says: String) { self.says = says }

    init(_ failure: DataverseFailure) {
        guard case .missingPrivilege(_, _, let words) = failure, let privilege = Self.privilege(words) else {
            self.init(failure.says)
            return
        }
        self.init(
            "the application user lacks the privilege \(privilege); System Administrator and System Customizer have it"
        )
    }

    /// Such as `prvCreateSdkMessageProcessingStep`.
    private static func privilege(_ words: String) -> Substring? {
        words.split { " ,.".contains($0) }.first { $0.hasPrefix("prv") }
    }
}

extension DataverseOutcome {
    func orThrow() throws(RegistrationFailure) -> Success where Failure == DataverseFailure {
        do throws(DataverseFailure) { return try get() } catch { throw RegistrationFailure(error) }
    }
}
