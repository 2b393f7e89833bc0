public import OnewayCore

public struct DataverseIdentity: Hashable, Sendable {
    public let user: GUID
    public let businessUnit: GUID
    public let organization: GUID
    /// How far Dynamics' clock is ahead of ours.
    public let clockDifferenceSeconds: Int64?
}

public struct ConnectionRole: Hashable, Sendable {
    public let id: GUID
    public let name: String
    /// 1000 is a stakeholder, 1001 the sales team.
    public let category: Int?
}

extension DataverseClient {
    /// Who we are there: shows that address, credentials, and application user fit.
    public func whoAmI() async -> DataverseOutcome<DataverseIdentity> {
        await read(.get("WhoAmI", table: "systemuser")) { answer, root in
            guard let user = root["UserId"]?.string.flatMap({ GUID($0) }),
                let unit = root["BusinessUnitId"]?.string.flatMap({ GUID($0) }),
                let organization = root["OrganizationId"]?.string.flatMap({ GUID($0) })
            else { return nil }
            return DataverseIdentity(
                user: user,
                businessUnit: unit,
                organization: organization,
                clockDifferenceSeconds: answer.clockDifferenceSeconds
            )
        }
    }

    /// A table's columns, with the greatest length of texts only if asked for, because that takes two more requests.
    public func table(_ entity: Entity, withLengths: Bool = false) async -> DataverseOutcome<TableDefinition> {
        var outcome = await read(.get(TableDefinition.path(entity), table: entity.rawValue)) { _, root in
            TableDefinition(entity, root)
        }
        guard withLengths else { return outcome }
        for path in TableDefinition.lengthPaths(entity) {
            guard case .success(let table) = outcome else { return outcome }
            outcome = await read(.get(path, table: entity.rawValue)) { _, root in table.withLengths(root) }
        }
        return outcome
    }

    /// The roles that connections may have, inactive ones apart.
    public func connectionRoles() async -> DataverseOutcome<[ConnectionRole]> {
        let preferences = ["odata.maxpagesize=1000"]
        var request = DataverseRequest.get(
            "connectionroles?$select=connectionroleid,name,category&$filter=statecode%20eq%200",
            table: "connectionrole",
            prefer: preferences
        )
        var roles: [ConnectionRole] = []
        while true {
            let page = await read(request) { _, root -> (roles: [ConnectionRole], next: DataverseLink?)? in
                guard let value = root["value"], value.isArray else { return nil }
                let roles = value.elements.compactMap { role -> ConnectionRole? in
                    guard let id = role["connectionroleid"]?.string.flatMap({ GUID($0) }),
                        let name = role["name"]?.string
                    else { return nil }
                    return ConnectionRole(id: id, name: name, category: role["category"]?.int)
                }
                return (roles, root.link("nextLink"))
            }
            switch page {
            case .failure(let failure): return .failure(failure)
            case .success(let page):
                roles += page.roles
                guard let next = page.next else { return .success(roles) }
                request = .get(next, table: "connectionrole", prefer: preferences)
            }
        }
    }

    /// Sends a request and decodes its answer, which has to be JSON.
    func read<Value: Sendable>(
        _ request: DataverseRequest,
        _ decode: (DataverseAnswer, JSONValue) -> Value?
    ) async -> DataverseOutcome<Value> {
        await send(request).flatMap { answer in
            guard let answer else { return .failure(.refused(code: "0x80040217", words: "not found")) }
            guard let root = answer.root else { return .failure(.unreadable("Dynamics' answer is not JSON")) }
            return decode(answer, root).map { .success($0) }
                ?? .failure(.unreadable("Dynamics' answer about \(request.table) is not as documented"))
        }
    }
}

extension JSONValue {
    /// `@odata.nextLink` or `@odata.deltaLink`
    func link(_ name: String) -> DataverseLink? { self["@odata.\(name)"]?.string.map { DataverseLink($0) } }
}
