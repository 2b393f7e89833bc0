import OnewayCore

extension SQL {
    private static let standing = """
        SELECT id, state, absence, waiting_for, waiting_since, code, account, confirmed_at, changed_at FROM standing
        """
    static let standingGet = ByKey(standing, [("id", .blob)])
    static let standingSet = """
        INSERT INTO standing (id, state, absence, waiting_for, waiting_since, code, account, confirmed_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, absence = excluded.absence,
            waiting_for = excluded.waiting_for, waiting_since = excluded.waiting_since, code = excluded.code,
            account = excluded.account, confirmed_at = excluded.confirmed_at, changed_at = excluded.changed_at
        """
    static let standingDelete = "DELETE FROM standing WHERE id = $1"

    /// Runs in the order of the index of what selects most: an account's opportunities are fewer than those with a code,
    /// these fewer than those that wait for something, and these fewer than those of a state. The other conditions are
    /// hidden from the planner, which might choose another index by them.
    static func standings(_ filter: StandingFilter, after: StandingCursor?, limit: Int) -> (sql: String, [SQLValue]) {
        var (conditions, values) = ([String](), [SQLValue]())
        func add(_ column: String, _ none: String, _ value: SQLValue) {
            values.append(value)
            conditions.append("\(values.count == 1 ? column : "coalesce(\(column), \(none))") = $\(values.count)")
        }
        if let account = filter.account { add("account", "id", .blob(account.bytes)) }
        if let code = filter.code { add("code", "''", .text(code)) }
        if let reason = filter.waitingFor { add("waiting_for", "''", .text(reason.rawValue)) }
        if let state = filter.state { add("state", "''", .text(state.rawValue)) }
        if let since = filter.changedSince {
            values.append(.integer(since.milliseconds))
            conditions.append("changed_at >= $\(values.count)")
        }
        let (beyond, direction) = filter.isOldestFirst ? (">", "ASC") : ("<", "DESC")
        if let after {
            values += [.integer(after.changedAt.milliseconds), .blob(after.opportunity.bytes)]
            conditions.append("(changed_at, id) \(beyond) ($\(values.count - 1), $\(values.count))")
        }
        values.append(.integer(limit))
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        return (
            "\(standing) \(condition) ORDER BY changed_at \(direction), id \(direction) LIMIT $\(values.count)", values
        )
    }

    /// The people whom Marketo lacks, in the order of their ids. The contact's id is a part of a role's key, and there is
    /// an index of that part.
    static let missingPeople = """
        SELECT \(contact), count(*), min(waiting_since), min(key) FROM outbox
        WHERE waiting_for = 'lead' AND kind = 'role' AND \(contact) > $1 GROUP BY 1 ORDER BY 1 LIMIT $2
        """
    static let contact = "substr(key, 38, 36)"
}

extension OpportunityStanding {
    /// In the order of `SQL.standingSet`.
    var values: [SQLValue] {
        [
            .blob(opportunity.bytes), .text(state.rawValue), .optional(absence?.rawValue),
            .optional(waitingFor?.rawValue), .optional(waitingSince?.milliseconds), .optional(code),
            .optional(account?.bytes), .optional(confirmedAt?.milliseconds), .integer(changedAt.milliseconds),
        ]
    }
}

extension SQLRow {
    func standing() throws(StoreError) -> OpportunityStanding {
        OpportunityStanding(
            try guid(0),
            try named(1),
            absence: try optionalNamed(2),
            waitingFor: try optionalNamed(3),
            waitingSince: optionalInteger(4).map(Timestamp.init(milliseconds:)),
            code: optionalText(5),
            account: optionalGUID(6),
            confirmedAt: optionalInteger(7).map(Timestamp.init(milliseconds:)),
            changedAt: timestamp(8)
        )
    }
}
