import OnewayCore
import Threads

// The leader has a lock of its session, which ends with the session, and says each second that it is alive. A lock outlives
// a paused process and a connection that leads nowhere, so that a follower also takes over from one that is silent: it
// raises the number of the term, by which every write of the earlier leader is refused.
extension DatabaseWatch: Terms {
    func begin() async throws(StoreError) -> Term {
        try await withCheckedContinuation { (caller: CheckedContinuation<Result<Term, StoreError>, Never>) in
            let isOver = state.update { state in
                if !state.isOver { state.candidates.append(caller) }
                state.isImpatient = true
                return state.isOver
            }
            if isOver { caller.resume(returning: .failure(.closed)) } else { wake() }
        }.get()
    }

    func end(of term: Term) async {
        await withCheckedContinuation { caller in
            let isOver = state.update { state in
                if state.leads, state.term == term {
                    state.followers.append((term, caller))
                    return false
                }
                return true
            }
            if isOver { caller.resume() }
        }
    }

    /// For as long as a follower waits for a leader that is silent. The clock goes on while the process is paused.
    func isSure(of term: Term) -> Bool {
        let ledAt = state.update { $0.leads && $0.term == term ? $0.ledAt : nil }
        return ledAt.map { $0.duration(to: .now) < .seconds(secondsOfSilenceMax) } ?? false
    }

    func enter(_ db: DatabaseConnection) throws(StoreError) {
        // Its statements are short, and none of them waits for another or for a standby: a server that does not answer, or
        // a proxy before one that is gone, is given up.
        db.secondsMax = db.secondsOfSilenceMax
        // The lock went with the session before.
        state.update { $0.hasLock = false }
        try DatabaseSchema.admit(db)
        // What this session writes is only of interest while it lives.
        try db.execute("SET synchronous_commit = off")
        if db.serverVersion >= 140_000 {
            try db.execute("SET idle_session_timeout = '\(db.secondsOfSilenceMax)s'")
        }
        let channel = try db.row("SELECT \(Self.channel)", read: { row in row.text(0) }) ?? ""
        try db.execute("LISTEN \(channel)")
        try db.run([
            DatabaseQuery("DELETE FROM replica WHERE heard_at < now() - interval '1 day'"),
            DatabaseQuery(
                """
                INSERT INTO replica (id, name, version, process, started_at, heard_at)
                VALUES ($1, $2, $3, pg_backend_pid(), now(), now())
                ON CONFLICT (id) DO UPDATE SET process = excluded.process, heard_at = excluded.heard_at
                """,
                [.text(id), .text(replica), .text(Oneway.version)]
            ),
        ])
    }

    /// Gives up leading, so that another need not wait until this one has been silent for long.
    func leave(_ db: DatabaseConnection) throws(StoreError) {
        try db.run([DatabaseQuery("DELETE FROM replica WHERE id = $1", [.text(id)])])
        guard state.update({ $0.hasLock }) else { return }
        try db.run([DatabaseQuery("SELECT pg_advisory_unlock(\(DatabaseLock.leader))")])
        try notify(.election, db)
    }

    /// Says that this replica is alive, and looks at who leads.
    func beat(_ db: DatabaseConnection) throws(StoreError) {
        let (wants, hasLock) = state.update { state in
            state.isImpatient = false
            return (state.leads || !state.candidates.isEmpty, state.hasLock)
        }
        let began = ContinuousClock.now
        let seen = try db.run([
            DatabaseQuery(
                "UPDATE replica SET heard_at = clock_timestamp(), process = pg_backend_pid() WHERE id = $1",
                [.text(id)]
            ),
            DatabaseQuery(
                """
                SELECT number, coalesce(term.replica = $1, false)::int,
                    extract(epoch FROM clock_timestamp() - heard_at)::float8::numeric(12, 3)::text, process,
                    (CASE WHEN $2::bigint = 0 THEN false ELSE pg_try_advisory_lock(\(DatabaseLock.leader)) END)::int
                FROM term LEFT JOIN replica ON replica.id = term.replica
                    JOIN schema_version ON schema_version.oldest <= \(DatabaseSchema.version)
                """,
                [.text(id), .integer(wants && !hasLock ? 1 : 0)]
            ),
        ]).last?.rows.first
        state.update { $0.answeredIn = began.duration(to: .now) }
        guard let seen else {
            try DatabaseSchema.admit(db)
            throw StoreError(.corrupt, "the table of terms is empty")
        }
        let ballot = Ballot(
            term: Term(number: seen.integer(0)),
            isMine: seen.integer(1) != 0,
            secondsSilent: seen.optionalText(2).flatMap { Double($0) },
            process: seen.integer(3),
            hasLock: hasLock || seen.integer(4) != 0,
            secondsOfSilenceMax: Double(secondsOfSilenceMax)
        )
        state.update { $0.hasLock = ballot.hasLock }
        try vote(ballot, began, db)
    }

    /// - Parameter began: When this replica last said that it is alive, at the earliest.
    private func vote(_ ballot: Ballot, _ began: ContinuousClock.Instant, _ db: DatabaseConnection) throws(StoreError) {
        let (leads, wants) = state.update { state in
            let leads = state.leads && state.term == ballot.term && ballot.isMine
            if leads { state.ledAt = began }
            return (leads, !state.candidates.isEmpty)
        }
        if !leads { endTerm(ballot.term) }
        guard wants else { return }
        if !leads, ballot.mayBeStuck {
            // Its session ends, if that is permitted; if not, the number of the term is enough.
            _ = try? db.run([DatabaseQuery("SELECT pg_terminate_backend($1::bigint::int)", [.integer(ballot.process)])])
        }
        guard leads || ballot.isFree else { return }
        let raised = try db.row(
            """
            UPDATE term SET number = number + 1, replica = $1, since = clock_timestamp() WHERE number = $2
            RETURNING number
            """,
            [.text(id), .integer(ballot.term.number)]
        ) { row in Term(number: row.integer(0)) }
        guard let raised else { return }
        endTerm(raised)
        // What the earlier leader has counted to the end.
        counters.read(try db.counters())
        let candidates = state.update { state in
            (state.term, state.leads, state.ledAt) = (raised, true, began)
            defer { state.candidates = [] }
            return state.candidates
        }
        for candidate in candidates { candidate.resume(returning: .success(raised)) }
    }

    /// - Parameter term: The one that has begun; nil: none in which this process could take part.
    func endTerm(_ term: Term?) {
        let ended = state.update { state in
            state.leads = false
            if let term { state.term = term }
            defer { state.followers = [] }
            return state.followers
        }
        for follower in ended { follower.continuation.resume() }
    }
}

/// Who leads, as one replica sees it.
struct Ballot {
    let term: Term
    let isMine: Bool
    /// Since the leader last said that it is alive; nil: it has left, or there was never one.
    let secondsSilent: Double?
    /// The leader's session.
    let process: Int64
    /// Whether this replica has the lock.
    let hasLock: Bool
    let secondsOfSilenceMax: Double

    var mayBeStuck: Bool { !isMine && !hasLock && (secondsSilent ?? 0) > secondsOfSilenceMax }

    /// With the lock, once the leader has missed a beat: it may lead by number only, and want the lock too. Without it, some
    /// beats after its session should have ended.
    var isFree: Bool {
        guard let secondsSilent, !isMine else { return hasLock || secondsSilent == nil }
        return hasLock && secondsSilent > 1.5 || secondsSilent > secondsOfSilenceMax + 3
    }
}

/// Of a store that was opened for reading only.
struct NoTerms: Terms {
    func begin() async throws(StoreError) -> Term {
        throw StoreError(.unavailable, "the store was opened for reading only")
    }

    func end(of term: Term) async {}

    func isSure(of term: Term) -> Bool { false }
}
