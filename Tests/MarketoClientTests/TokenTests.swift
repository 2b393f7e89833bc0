import HTTPServer
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import MarketoClient

@Suite struct TokenTests {
    /// Accepts only this token and rejects all others as invalid.
    static func only(_ token: String, else code: String = "601") -> FakeMarketo.Script {
        { request, _ in request.token == token ? .success : .failure(code) }
    }

    @Test func theTokenGoesInAHeaderOnly() async throws {
        let marketo = FakeMarketo(rest: Self.only("token-0"))
        try await withClient(of: marketo) { client, _ in
            #expect(word(await client.call(.usage)) == "success")
            #expect(word(await client.call(.sync(.role, [Array(#"{"role":"x"}"#.utf8)]))) == "success")
            #expect(word(await client.call(.findLeads("email", ["a@b.c", "ü"], fields: ["id"]))) == "success")
        }
        try #require(marketo.tokens.count == 1 && marketo.calls.count == 3)
        let identity = marketo.tokens[0].head
        #expect(identity.method == "GET" && identity.headers["Authorization"] == nil)
        #expect(
            identity.query
                == "grant_type=client_credentials&client_id=client%20id&client_secret=s%26cret%2F%C3%BC"
        )
        let heads = marketo.calls.map(\.head)
        #expect(heads.map(\.path) == ["stats/usage", "opportunities/roles", "leads"].map { "/rest/v1/\($0).json" })
        #expect(heads.map(\.query) == ["", "", "_method=GET"])
        #expect(heads.map(\.method) == ["GET", "POST", "POST"])
        let types = heads.map { $0.headers["Content-Type"] }
        #expect(types == [nil, "application/json", "application/x-www-form-urlencoded"])
        let bodies = marketo.calls.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies[1] == #"{"action":"createOrUpdate","dedupeBy":"dedupeFields","input":[{"role":"x"}]}"#)
        #expect(bodies[2] == "filterType=email&filterValues=a%40b.c%2C%C3%BC&fields=id")
    }

    /// Who may not call any more learns it after having waited for a token, too.
    @Test func whetherACallIsAllowedIsAskedRightBeforeIt() async throws {
        let mayCall = Locked(true)
        let giveToken = FakeMarketo.giveToken()
        let marketo = FakeMarketo { request, number in
            mayCall.withLock { $0 = false }
            return await giveToken(request, number)
        } rest: { _, _ in
            .success
        }
        let isAllowed: @Sendable () -> Bool = { mayCall.withLock { $0 } }
        try await withServer(marketo) { port in
            let client = MarketoClient(access(port), transport: makeTransport(), mayCall: isAllowed)
            #expect(word(await client.call(.usage)) == "not sent")
            #expect(marketo.tokens.count == 1 && marketo.calls.isEmpty)
            mayCall.withLock { $0 = true }
            #expect(word(await client.call(.usage)) == "success")
        }
    }

    @Test func fiftyWhoWaitAskOnce() async throws {
        let (everybody, begun) = (Gathering(), Locked(0))
        let giveToken = FakeMarketo.giveToken()
        let marketo = FakeMarketo { request, number in
            await everybody.wait()
            return await giveToken(request, number)
        } rest: { _, _ in
            .success
        }
        try await withClient(of: marketo) { client, _ in
            await withTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        if begun.withLock({ count in
                            count += 1
                            return count == 50
                        }) {
                            everybody.open()
                        }
                        return word(await client.call(.usage))
                    }
                }
                for await outcome in group { #expect(outcome == "success") }
            }
        }
        #expect(marketo.tokens.count == 1)
        #expect(marketo.calls.count == 50)
    }

    @Test func isUsedToItsEndAndNoLonger() async throws {
        let start = ContinuousClock.now
        let clock = Locked(start)
        let marketo = FakeMarketo(identity: FakeMarketo.giveToken(seconds: 100)) { _, _ in .success }
        try await withClient(of: marketo, now: { clock.withLock { $0 } }) { client, _ in
            for (second, tokens) in [(0, 1), (50, 1), (98, 1), (99, 2), (150, 2), (198, 3)] {
                clock.withLock { $0 = start + .seconds(second) }
                #expect(word(await client.call(.usage)) == "success")
                #expect(marketo.tokens.count == tokens, "after \(second) seconds")
            }
        }
        #expect(marketo.calls.map(\.token).suffix(2) == ["token-1", "token-2"])
    }

    /// Marketo returns the same token until it expires: one second before that, and with no time left.
    @Test func oneAtItsEndIsGoodForTheCallThatAskedForIt() async throws {
        let marketo = FakeMarketo(identity: FakeMarketo.giveToken(seconds: 0)) { _, _ in .success }
        try await withClient(of: marketo) { client, _ in
            for _ in 0..<2 { #expect(word(await client.call(.usage)) == "success") }
        }
        #expect(marketo.tokens.count == 2 && marketo.calls.count == 2)
    }

    @Test(arguments: ["600", "601", "602"]) func oneThatIsNotTakenIsRenewedOnce(_ code: String) async throws {
        let marketo = FakeMarketo(rest: Self.only("token-1", else: code))
        try await withClient(of: marketo) { client, _ in
            let record = Array(#"{"name":"x"}"#.utf8)
            for _ in 0..<2 { #expect(word(await client.call(.sync(.opportunity, [record]))) == "success") }
        }
        #expect(marketo.calls.map(\.token) == ["token-0", "token-1", "token-1"])
        #expect(Set(marketo.calls.map(\.body)).count == 1)
        #expect(marketo.tokens.count == 2)
    }

    @Test func manyWhoAreRefusedRenewOnce() async throws {
        let (everybody, refused) = (Gathering(), Locked(0))
        let marketo = FakeMarketo { request, _ in
            guard request.token == "token-0" else { return .success }
            // All are refused with the same token, some with one code and some with the other, as when a token expires.
            let number = refused.withLock { count in
                count += 1
                return count
            }
            if number == 4 { everybody.open() }
            await everybody.wait()
            return .failure(number == 1 ? "602" : "601")
        }
        try await withClient(of: marketo) { client, _ in
            await withTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { word(await client.call(.usage)) } }
                for await outcome in group { #expect(outcome == "success") }
            }
        }
        #expect(marketo.tokens.count == 2)
        #expect(marketo.calls.count == 8)
    }

    @Test func oneThatIsNeverTakenIsBadCredentials() async throws {
        let marketo = FakeMarketo { _, _ in .failure("601") }
        try await withClient(of: marketo) { client, _ in
            for _ in 0..<2 { #expect(word(await client.call(.usage)) == "bad credentials") }
        }
        // The failure is not cached: the next caller requests a token again.
        #expect(marketo.calls.map(\.token) == ["token-0", "token-1", "token-2", "token-3"])
    }

    @Test func newSecretsNeedNoRestart() async throws {
        let marketo = FakeMarketo { request, number in
            let isNew = request.head.query.hasSuffix("client_secret=new")
            return isNew ? await FakeMarketo.giveToken()(request, number) : .json(#"{"error":"x"}"#, status: 401)
        } rest: { _, _ in
            .success
        }
        try await withClient(of: marketo) { client, port in
            #expect(word(await client.call(.usage)) == "bad credentials")
            client.reload(access(port, secret: "new"))
            #expect(word(await client.call(.usage)) == "success")
            client.reload(access(port, secret: "new"))
            #expect(word(await client.call(.usage)) == "success")
        }
        // The same settings are no reason to request a token.
        #expect(marketo.tokens.count == 2)
    }

    @Test func newSecretsCountForThoseWhoWaitForTheOldOnes() async throws {
        let (asked, goOn) = (Gathering(), Gathering())
        let marketo = FakeMarketo { request, number in
            if request.head.query.hasSuffix("client_secret=new") {
                return await FakeMarketo.giveToken()(request, number)
            }
            asked.open()
            await goOn.wait()
            return .json(#"{"error":"invalid_client"}"#, status: 401)
        } rest: { _, _ in
            .success
        }
        try await withClient(of: marketo) { client, port in
            async let outcome = client.call(.usage)
            await asked.wait()
            client.reload(access(port, secret: "new"))
            goOn.open()
            #expect(word(await outcome) == "success")
        }
        #expect(marketo.calls.map(\.token) == ["token-1"])
    }
}

/// Blocks all waiters until it is opened, permanently.
final class Gathering: Sendable {
    private let state = Locked(State())

    private struct State: Sendable {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let goOn = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if goOn { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
