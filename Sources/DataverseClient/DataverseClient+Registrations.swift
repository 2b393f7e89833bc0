import HTTPClient
package import OnewayCore

/// The tables that hold registrations of webhooks are the only ones that can be written.
package enum RegistrationWrite: Sendable {
    /// A solution is given by its unique name.
    case create(RegistrationTable, JSON, solution: String? = nil)
    case update(RegistrationTable, GUID, JSON)
    case delete(RegistrationTable, GUID)
}

/// For `DataverseRegistration`, which only the command links.
extension DataverseClient {
    /// Returns the id of what was created, else nil. Deleting what is not there any more succeeds too.
    package func write(_ write: RegistrationWrite) async -> DataverseOutcome<GUID?> {
        await send(.write(write)).flatMap { answer in
            guard write.isCreation else {
                if answer == nil, case .update = write {
                    return .failure(.refused(code: "0x80040217", words: "not found"))
                }
                return .success(nil)
            }
            let address = answer?.headers.first { $0.name.lowercased() == "odata-entityid" }?.value
            let id = address?.split(separator: "(").last.flatMap { GUID(String($0.dropLast())) }
            return id.map { .success($0) } ?? .failure(.unreadable("Dynamics did not tell the id of what it created"))
        }
    }

    /// Rows of a table that registering needs. The path must be complete and encoded; no page follows.
    package func registrationRows(_ path: String, table: String) async -> DataverseOutcome<[JSONValue]> {
        await read(.get(path, table: table)) { _, root in
            root["value"].flatMap { $0.isArray && root.link("nextLink") == nil ? $0.elements : nil }
        }
    }
}

extension RegistrationWrite {
    var table: RegistrationTable {
        switch self {
        case .create(let table, _, _), .update(let table, _, _), .delete(let table, _): table
        }
    }

    fileprivate var isCreation: Bool { if case .create = self { true } else { false } }
}
