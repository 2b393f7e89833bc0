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
        let (request, isCreation) = (DataverseRequest(write), write.isCreation)
        return await send(request).flatMap { answer in
            guard isCreation else {
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
    fileprivate var isCreation: Bool { if case .create = self { true } else { false } }
}

extension DataverseRequest {
    fileprivate init(_ write: RegistrationWrite) {
        switch write {
        case .create(let table, let json, let solution):
            self.init(
                method: .post,
                target: .path(table.setName),
                table: table.rawValue,
                headers: solution.map { ["MSCRM.SolutionUniqueName: \($0)"] } ?? [],
                body: json
            )
        case .update(let table, let id, let json):
            // Without it, Dynamics would create what is not there.
            self.init(
                method: .patch,
                target: .path("\(table.setName)(\(id))"),
                table: table.rawValue,
                headers: ["If-Match: *"],
                body: json
            )
        case .delete(let table, let id):
            self.init(method: .delete, target: .path("\(table.setName)(\(id))"), table: table.rawValue)
        }
    }
}
