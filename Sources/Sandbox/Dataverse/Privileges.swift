import OnewayCore

/// The privileges that the API user lacks: to write business tables, and those that were removed.
struct Privileges: Sendable {
    /// `prvReadOpportunity`
    var missing: Set<String> = []
    /// Rows outside the depth of the user's right to read: lists leave them out.
    var hidden: Set<GUID> = []

    func check(_ row: Row, of user: GUID) throws(DataverseError) {
        guard hidden.contains(row.id) else { return }
        throw DataverseError(
            403,
            "0x80040220",
            "Principal with id \(user) does not have ReadAccess right(s) for record with id \(row.id)"
        )
    }

    func check(_ verb: String, _ table: Table, of user: GUID) throws(DataverseError) {
        let privilege = table.privilege(verb)
        guard missing.contains(privilege) || verb != "Read" && table.writers == .people else { return }
        throw DataverseError(
            403,
            "0x80040220",
            "Principal user (Id=\(user), type=8, roleCount=1, privilegeCount=142, accessMode='4 Non-interactive'), is "
                + "missing \(privilege) privilege on OTC=\(table.typeCode) for entity '\(table.name)' "
                + "(LocalizedName='\(table.label)'). context.Caller=\(user)"
        )
    }
}
