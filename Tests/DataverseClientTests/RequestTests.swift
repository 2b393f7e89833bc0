import HTTPClient
import HTTPServer
import OnewayCore
import TestSupport
import Testing
import Threads

@testable import DataverseClient

/// The requests as they arrive, and answers that the stand-in does not give.
@Suite struct RequestTests {
    /// Gives tokens, and answers calls as the test says.
    private final class FakeDataverse: Responder {
        typealias Script = @Sendable (Request, Int) -> Response

        private let script: Script
        private let heard = Locked((tokens: [Request](), calls: [Request]()))

        init(_ script: @escaping Script) { self.script = script }

        var tokens: [Request] { heard.withLock { $0.tokens } }
        var calls: [Request] { heard.withLock { $0.calls } }

        func admit(_ head: RequestHead) -> Admission { .receive(bodyBytesMax: 1 << 20, lane: .ordinary) }

        func respond(to request: Request) async -> Response {
            guard request.head.path == "/token" else {
                let number = heard.withLock { heard in
                    heard.calls.append(request)
                    return heard.calls.count - 1
                }
                return script(request, number)
            }
            let number = heard.withLock { heard in
                heard.tokens.append(request)
                return heard.tokens.count - 1
            }
            return .json(#"{"access_token":"token-\#(number)","expires_in":3599}"#)
        }

        func refuse(_ refusal: HTTPRefusal, _ head: RequestHead) -> Response { Response(status: 503) }
        func served(_ exchange: Served) {}
        func libraryLog(_ line: String) {}
    }

    private static func withClient(
        _ fake: FakeDataverse,
        _ body: @Sendable (DataverseClient, Int) async throws -> Void
    ) async throws {
        try await withServer(fake) { port in
            let access = DataverseAccess(
                url: "http://127.0.0.1:\(port)",
                tokenURL: "http://127.0.0.1:\(port)/token",
                clientID: "client id",
                clientSecret: "s&cret"
            )
            let transport = CurlTransport(threads: 2, userAgent: "oneway/test")
            try await body(DataverseClient(access, limits: .init(), transport: transport), port)
        }
    }

    private static let selection = RowSelection(
        ["name", "ownerid", "ownerid.name"],
        of: TableDefinition(
            .opportunity,
            tracksChanges: true,
            columns: [ColumnDefinition("name", .text), ColumnDefinition("ownerid", .lookup)]
        )
    )

    @Test func onlyWhatIsNeededIsAskedFor() async throws {
        let fake = FakeDataverse { _, _ in .json(#"{"value":[],"@odata.deltaLink":"x"}"#) }
        try await Self.withClient(fake) { client, port in
            let range = Timestamp(second: 0)..<Timestamp(second: 60)
            let page = try await client.page(
                matching: RowQuery(from: range.lowerBound, to: range.upperBound),
                Self.selection
            ).get()
            let changes = try await client.changes(Self.selection).get()
            #expect(page.rows.isEmpty && changes.page?.next == .later(DataverseLink("x")))
            let form = PercentEncoding.items(String(decoding: fake.tokens[0].body, as: UTF8.self), plusIsSpace: true)
            #expect(form.map(\.name) == ["grant_type", "client_id", "client_secret", "scope"])
            let values = ["client_credentials", "client id", "s&cret", "http://127.0.0.1:\(port)/.default"]
            #expect(form.map(\.value) == values)
            for call in fake.calls {
                let headers = call.head.headers
                #expect(headers["OData-Version"] == "4.0" && headers["OData-MaxVersion"] == "4.0")
                #expect(headers["Authorization"] == "Bearer token-0" && call.head.method == "GET")
            }
            let table = "Microsoft.Dynamics.CRM.lookuplogicalname"
            let names = "OData.Community.Display.V1.FormattedValue"
            #expect(
                fake.calls.map { $0.head.headers["Prefer"] } == [
                    "odata.maxpagesize=1000,odata.include-annotations=\"\(table),\(names)\"",
                    "odata.track-changes,odata.maxpagesize=1000,odata.include-annotations=\"\(table)\"",
                ]
            )
            let query = PercentEncoding.items(fake.calls[0].head.query, plusIsSpace: false)
            #expect(query.map(\.name) == ["$select", "$filter"])
            let filter = "modifiedon ge 1970-01-01T00:00:00Z and modifiedon lt 1970-01-01T00:01:00Z"
            #expect(query.last?.value == filter)
        }
    }

    @Test func anUnavailableServiceThatNamesATimeIsAskedAgainThen() async throws {
        let fake = FakeDataverse { _, number in
            number == 0 ? Response(status: 503, headers: [("Retry-After", "0")], body: []) : .json(#"{"value":[]}"#)
        }
        try await Self.withClient(fake) { client, _ in
            let page = try await client.page(Self.selection).get()
            #expect(page.rows.isEmpty && fake.calls.count == 2)
        }
    }

    /// Nobody knows whether it was done.
    @Test func aWriteIsNotRepeatedBlindly() async throws {
        let fake = FakeDataverse { _, _ in Response(status: 503, headers: [("Retry-After", "0")], body: []) }
        try await Self.withClient(fake) { client, _ in
            let outcome = await client.write(.create(.endpoint, ["name": "n"]))
            #expect(outcome == .failure(.unavailable("Dynamics gave HTTP 503")) && fake.calls.count == 1)
            #expect(fake.calls.map(\.head.path) == ["/api/data/v9.2/serviceendpoints"])
        }
    }

    @Test func aTokenThatIsNeverAcceptedIsReplacedOnce() async throws {
        let fake = FakeDataverse { _, _ in Response(status: 401) }
        try await Self.withClient(fake) { client, _ in
            guard case .failure(.unauthorized) = await client.whoAmI() else {
                Issue.record("it is not accepted")
                return
            }
            #expect(fake.calls.map { $0.head.headers["Authorization"] } == ["Bearer token-0", "Bearer token-1"])
        }
    }

    private static let strange = [
        "[]", "{}", "no", #"{"value":{}}"#, #"{"value":[]}"#, #"{"value":[],"@odata.nextLink":7}"#,
    ]

    /// Without a link to what follows, changes would be lost unnoticed.
    @Test(arguments: strange) func anIncompleteAnswerIsNotBelieved(body: String) async throws {
        let fake = FakeDataverse { _, _ in .json(body) }
        try await Self.withClient(fake) { client, _ in
            guard case .failure(.unreadable) = await client.changes(Self.selection) else {
                Issue.record("it should not be believed")
                return
            }
        }
    }

    @Test func rowsThatCannotBeReadAreCounted() async throws {
        let id = "20120001-71b4-ef11-a72f-6045bd905a01"
        let rows = #"{"opportunityid":"\#(id)","name":"A"},{"opportunityid":"\#(id)","name":7},{"name":"B"},{}"#
        let fake = FakeDataverse { _, _ in .json(#"{"value":[\#(rows)]}"#) }
        try await Self.withClient(fake) { client, _ in
            let page = try await client.page(Self.selection).get()
            #expect(page.rows.map { $0.columns["name"] } == [.text("A")] && page.unreadable == 3)
            let other = try #require(GUID("00000000-0000-0000-0000-0000000000aa"))
            let found = try await client.rows([other], Self.selection).get()
            #expect(found.missing.isEmpty && found.unreadable == 3, "it may be one of those")
        }
    }
}

extension Response {
    fileprivate static func json(_ text: String) -> Response {
        Response(status: 200, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
}
