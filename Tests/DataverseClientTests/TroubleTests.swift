import HTTPClient
import OnewayCore
import Sandbox
import Testing
import Threads

@testable import Coordination
@testable import DataverseClient

/// What goes wrong, and how long that holds others up.
@Suite struct TroubleTests {
    /// Time that is skipped up to a minute at a time. A longer wait is one for an event, which ends it.
    private final class Skipping: Sendable {
        private let state = Locked((now: TimeSource.systemNow(), skipped: Int64(0)))

        var skippedMilliseconds: Int64 { state.withLock { $0.skipped } }

        var time: TimeSource {
            TimeSource(now: { self.state.withLock { $0.now } }) { until in
                let isShort = self.state.withLock { state in
                    let left = until.milliseconds - state.now.milliseconds
                    guard left <= 60_000 else { return false }
                    state.skipped += max(0, left)
                    state.now = max(state.now, until)
                    return true
                }
                if !isShort { try? await Task.sleep(for: .seconds(3600)) }
            }
        }
    }

    private static func failure<Value>(_ outcome: DataverseOutcome<Value>) -> DataverseFailure? {
        if case .failure(let failure) = outcome { failure } else { nil }
    }

    @Test func aWrongSecretIsSaid() async throws {
        try await withDataverse(secret: "not-the-secret") { client, dataverse in
            guard case .unauthorized(let says)? = Self.failure(await client.whoAmI()) else {
                Issue.record("it should be refused")
                return
            }
            #expect(says.contains("7000215") && !says.contains("not-the-secret"))
            #expect(dataverse.measured.total == 0)
        }
    }

    @Test func anExpiredTokenIsReplacedOnceForAll() async throws {
        try await withDataverse { client, dataverse in
            _ = try await client.whoAmI().get()
            dataverse.expireToken()
            let fine = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { Self.failure(await client.whoAmI()) == nil } }
                return await group.reduce(true) { $0 && $1 }
            }
            #expect(fine && dataverse.measured.tokenRequests == 2)
        }
    }

    @Test func aPauseIsObeyedByAllWhoWait() async throws {
        let clock = Skipping()
        try await withDataverse(limits: .init(concurrentRequests: 1), time: clock.time) { client, dataverse in
            dataverse.add(DataverseFault(.error(code: "0x80072322"), times: 3))
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { #expect(Self.failure(await client.whoAmI()) == nil) } }
            }
            // Four answers, and three refusals with a second of pause each.
            #expect(dataverse.measured.total == 7 && clock.skippedMilliseconds >= 3000)
        }
    }

    @Test func aLongPauseEndsACallAtOnce() async throws {
        let clock = Skipping()
        try await withDataverse(time: clock.time) { client, dataverse in
            let start = clock.time.now()
            dataverse.set(DataverseLimits(requests: 0, executionSeconds: nil, concurrentRequests: nil))
            for _ in 0..<2 {
                guard case .throttled(let until)? = Self.failure(await client.whoAmI()) else {
                    Issue.record("it should not wait for minutes")
                    return
                }
                #expect(until > start.adding(seconds: DataverseClient.secondsMax))
            }
            #expect(dataverse.measured.total == 1, "the second did not ask")
        }
    }

    @Test func theShareIsNotExceeded() async throws {
        let clock = Skipping()
        let limits = RequestBudget.Limits(concurrentRequests: 3, requestsPer5Minutes: 20)
        try await withDataverse(limits: limits, time: clock.time) { client, dataverse in
            dataverse.set(DataverseLimits(requests: nil, executionSeconds: nil, concurrentRequests: 3))
            dataverse.add(DataverseFault(.none, times: nil, delaySeconds: 0.01))
            let outcomes = await withTaskGroup(of: DataverseFailure?.self) { group in
                for _ in 0..<30 { group.addTask { Self.failure(await client.whoAmI()) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // The rest would have to wait for five minutes, which is over its deadline.
            #expect(outcomes.count { $0 == nil } == 20 && dataverse.measured.total == 20)
            #expect(dataverse.measured.mostAtOnce <= 3 && dataverse.measured.codes.isEmpty)
        }
    }

    @Test func failuresAreDistinguished() async throws {
        try await withDataverse { client, dataverse in
            let selection = try await client.selection(.opportunity)
            let id = try #require(dataverse.ids("opportunity").first)
            let table: [(DataverseFault.Kind, String)] = [
                (.status(502), "Dynamics gave HTTP 502"), (.status(503), "Dynamics gave HTTP 503"),
                (.error(code: "0x80040216"), "Dynamics gave HTTP 500, 0x80040216"),
                (.garbage, "Dynamics' answer is not a row of opportunity"),
            ]
            for (kind, says) in table {
                dataverse.add(DataverseFault(kind, path: "opportunities(id)"))
                #expect(Self.failure(await client.row(id, selection))?.says == says)
            }
            dataverse.set(missingPrivileges: ["prvReadOpportunity"])
            guard case .missingPrivilege("opportunity", "Read", _)? = Self.failure(await client.page(selection)) else {
                Issue.record("the privilege should be named")
                return
            }
            let other = RowSelection(
                ["new_gone"],
                of: TableDefinition(.contact, tracksChanges: false, columns: [ColumnDefinition("new_gone", .lookup)])
            )
            #expect(Self.failure(await client.page(other)) == .unknownColumn("new_gone", table: "contact"))
        }
    }

    /// The token would go there.
    @Test func aLinkToElsewhereIsNotFollowed() async throws {
        try await withDataverse { client, dataverse in
            let selection = try await client.selection(.account)
            let before = dataverse.measured.total
            for link in ["http://127.0.0.1:1/api/data/v9.2/accounts", "http://127.0.0.1.example.org/api/data/x"] {
                guard case .unreadable? = Self.failure(await client.page(DataverseLink(link), selection)) else {
                    Issue.record("it should not be followed")
                    return
                }
            }
            #expect(dataverse.measured.total == before)
        }
    }

    @Test func nothingThatIsPrintedHoldsASecret() {
        let access = DataverseAccess(url: "https://u", tenant: "t", clientID: "c", clientSecret: "hush")
        #expect(access.tokenURL == "https://login.microsoftonline.com/t/oauth2/v2.0/token")
        for shown in ["\(access)", String(reflecting: access), "\(DataverseLink("hush"))"] {
            #expect(!shown.contains("hush"))
        }
        var dumped = ""
        dump(access, to: &dumped)
        #expect(!dumped.contains("hush"))
    }
}
