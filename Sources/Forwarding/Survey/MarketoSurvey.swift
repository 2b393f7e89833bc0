public import Configuration
import HTTPClient
import MarketoClient
public import OnewayCore

/// Marketo's own description of itself, read with a few calls that change nothing. Marketo counts them, but the
/// service's own budget does not.
public struct MarketoSurvey: Sendable {
    /// Why something could not be read.
    public struct Trouble: Error, Hashable, Sendable {
        public let code: String
        public let message: String
        /// Marketo itself said so: it was reached and issued a token.
        public let isAnswer: Bool
    }

    public typealias SurveyAnswer<Value> = Result<Value, Trouble>

    /// How many calls were made today, by all clients.
    public let callsToday: SurveyAnswer<Int>
    /// Empty if Marketo was not reached.
    public private(set) var fields: [RecordKind: SurveyAnswer<MarketoFields>] = [:]
    public private(set) var leads: SurveyAnswer<MarketoFields>?

    public private(set) var callsMade = 1

    /// Reads only the fields of opportunities, with one call.
    public static func opportunityFields(_ marketo: Configuration.Marketo) async -> SurveyAnswer<MarketoFields> {
        await ask(client(marketo), .describe(.opportunity), MarketoFields.init)
    }

    private static func client(_ marketo: Configuration.Marketo) -> MarketoClient {
        MarketoClient(MarketoAccess(marketo), transport: CurlTransport(threads: 1, userAgent: Oneway.userAgent))
    }

    public init(_ marketo: Configuration.Marketo) async {
        let client = Self.client(marketo)
        callsToday = await Self.ask(client, .usage) { answer throws(MarketoAnswer.Unreadable) in
            guard let total = answer.results.first?.fields["total"]?.int else {
                throw MarketoAnswer.Unreadable(says: "the answer does not say how many calls were made")
            }
            return total
        }
        if case .failure(let trouble) = callsToday, !trouble.isAnswer { return }
        for kind in RecordKind.allCases where kind != .person && (kind != .salesPerson || marketo.salesPersons) {
            fields[kind] = await Self.ask(client, .describe(kind), MarketoFields.init)
        }
        leads = await Self.ask(client, .describeLeads, MarketoFields.init)
        callsMade += fields.count + 1
    }

    private static func ask<Value>(
        _ client: MarketoClient,
        _ call: MarketoCall,
        _ read: (MarketoAnswer) throws(MarketoAnswer.Unreadable) -> Value
    ) async -> SurveyAnswer<Value> {
        let reading = CallReading(await client.call(call), .read, .opportunity, count: 0)
        switch reading.whole {
        case nil: break
        case .refused(_, let trouble):
            return .failure(Trouble(code: trouble.code, message: trouble.message, isAnswer: true))
        case .notSent(let trouble), .unknown(let trouble), .unclear(let trouble):
            return .failure(Trouble(code: trouble.code, message: trouble.message, isAnswer: false))
        }
        do throws(MarketoAnswer.Unreadable) {
            guard let answer = reading.answer else { throw MarketoAnswer.Unreadable(says: "there is no answer") }
            return .success(try read(answer))
        } catch {
            return .failure(Trouble(code: "not-json", message: error.says, isAnswer: true))
        }
    }
}
