/// The meaning of a record's error code, and what a person can do about it.
public struct Remedy: Hashable, Sendable {
    public let means: String
    public let remedy: String

    private init(_ means: String, _ remedy: String) { (self.means, self.remedy) = (means, remedy) }

    /// Returns the texts of a code; a general one if the code is unknown.
    public static func of(_ code: String) -> Remedy {
        byCode[code]
            ?? Remedy(
                "Marketo refused the record with a code that is not known here",
                "Read Marketo's message, fix what it names, then try again."
            )
    }

    /// Whether this code has a text of its own.
    public static func isKnown(_ code: String) -> Bool { byCode[code] != nil }

    private static let byCode = ours.merging(calls) { first, _ in first }.merging(records) { first, _ in first }

    /// Codes that Oneway assigns itself.
    private static let ours: [String: Remedy] = [
        "unreachable": Remedy(
            "Marketo could not be reached",
            "Check marketo.endpoint, DNS, and outbound access from this network. Nothing was sent; it is retried automatically."
        ),
        "credentials": Remedy(
            "Marketo does not accept the client id or secret",
            "Compare marketo.clientId and marketo.clientSecret with LaunchPoint in Marketo, then send SIGHUP."
        ),
        "mismatch": Remedy(
            "Marketo's answer does not match what was sent",
            "Check whether a proxy alters answers. Try again once that is fixed; sending twice does no harm."
        ),
        "refused": Remedy(
            "Marketo refused it without a reason",
            "Contact Marketo support with the request id, then try again."
        ),
        "timeout": Remedy(
            "Marketo did not answer in time",
            "Nothing to do: it is sent again once Marketo must have finished. Sending twice does no harm."
        ),
        "stopped": Remedy(
            "The service stopped before the answer arrived",
            "Nothing to do: it is sent again. Sending twice does no harm."
        ),
        "cut": Remedy(
            "The connection broke before Marketo's answer was complete",
            "Nothing to do: it is sent again. If this persists, check the proxies and firewalls in between."
        ),
        "not-json": Remedy(
            "Something other than Marketo answered",
            "Find out which proxy or firewall is in between, and check marketo.endpoint."
        ),
        "too-long": Remedy(
            "The answer was longer than any answer from Marketo",
            "Find out which proxy is in between, and check marketo.endpoint."
        ),
        "413": Remedy(
            "The record is larger than Marketo accepts in one call",
            "Select fewer or shorter fields, or shorten the text in Dynamics."
        ),
        "not-configured": Remedy(
            "Marketo is not configured",
            "Set marketo.endpoint, clientId and clientSecret, and restart."
        ),
        "paused": Remedy("Forwarding is paused by an operator", "Resume when ready; nothing is lost meanwhile."),
    ]

    /// Codes of a call as a whole.
    private static let calls: [String: Remedy] = [
        "500": Remedy(
            "Marketo had an internal error",
            "Try again; if it persists, contact Marketo support with the request id."
        ),
        "502": Remedy(
            "Marketo's gateway timed out",
            "Nothing to do: all calls pause briefly and resume automatically."
        ),
        "600": Remedy("Marketo received no token", "Nothing to do: the token is renewed automatically."),
        "601": Remedy("Marketo's token was not valid", "Nothing to do: the token is renewed automatically."),
        "602": Remedy("Marketo's token had expired", "Nothing to do: the token is renewed automatically."),
        "603": Remedy(
            "Marketo denies access",
            "Give the API user's role Read-Write Opportunity, Company and Person (with marketo.salesPersons: Sales Person too), and check Marketo's list of allowed addresses."
        ),
        "604": Remedy("Marketo took too long", "Try again; smaller calls are tried automatically."),
        "605": Remedy(
            "Marketo does not accept this HTTP method",
            "Check whether a proxy alters requests, then try again."
        ),
        "606": Remedy(
            "Too many calls in 20 seconds",
            "Nothing to do: calls slow down automatically. Lower marketo.callsPer20Seconds if other programs share the limit."
        ),
        "607": Remedy(
            "Today's calls are used up",
            "The quota resets at midnight US Central time. Buy more, or make other programs use fewer."
        ),
        "608": Remedy("Marketo's API is down for a while", "Nothing to do: all calls wait and resume automatically."),
        "609": Remedy("Marketo could not read our JSON", "Check whether a proxy alters requests, then try again."),
        "610": Remedy(
            "Marketo does not know the address",
            "Check marketo.endpoint: https://NNN-ABC-NNN.mktorest.com, without /rest."
        ),
        "611": Remedy(
            "Marketo had an internal error",
            "Some values make Marketo fail: compare the record with others, correct it in Dynamics, or try again."
        ),
        "612": Remedy(
            "Marketo does not accept the content type",
            "Check whether a proxy alters requests, then try again."
        ),
        "613": Remedy("Marketo could not read the request", "Check whether a proxy alters requests, then try again."),
        "614": Remedy(
            "Marketo does not find the subscription",
            "Usually temporary. If not: check marketo.endpoint and the subscription."
        ),
        "615": Remedy(
            "Too many calls at once",
            "Nothing to do: fewer are sent at once. Lower marketo.concurrentCalls if other programs share the limit."
        ),
        "616": Remedy("The subscription does not allow this call", "Ask Marketo which API your subscription includes."),
        "703": Remedy(
            "A feature of Marketo is switched off",
            "Ask Marketo to enable opportunities, roles and companies in the API."
        ),
        "713": Remedy("Marketo failed temporarily", "Nothing to do: all calls pause briefly and resume automatically."),
        "1018": Remedy(
            "Marketo's own CRM sync is on, which blocks this API",
            "Oneway needs a subscription without a native CRM sync. Ask Marketo to disconnect it, or use another subscription."
        ),
    ]

    /// Codes of one record.
    private static let records: [String: Remedy] = [
        "701": Remedy(
            "A field that Marketo requires is empty",
            "Fill it in Dynamics; the next notification tries again."
        ),
        "702": Remedy("Marketo found nothing", "Check whether the record was removed in Marketo, then try again."),
        "704": Remedy(
            "A date is in a format that Marketo does not accept",
            "Map the column to a date field, or choose another conversion."
        ),
        "718": Remedy(
            "The sales person does not exist in Marketo",
            "Sent without its owner. If that sales person is parked, correct it; otherwise create it, or remove externalSalesPersonId from fields."
        ),
        "1001": Remedy(
            "A value has the wrong type",
            "Map the column to a field of its type, or choose a conversion in fields."
        ),
        "1002": Remedy(
            "A value that Marketo requires is missing",
            "Fill it in Dynamics; the next notification tries again."
        ),
        "1003": Remedy(
            "A value is not one that Marketo accepts",
            "Read the message: correct the value in Dynamics, or map the column to another field."
        ),
        "1004": Remedy(
            "Marketo does not know the person",
            "Wait until the contact is a lead in Marketo, or set marketo.lead.create."
        ),
        "1005": Remedy("Marketo has the record already", "Nothing to do: it is sent again as an update."),
        "1006": Remedy(
            "Marketo does not have a field",
            "Create the field in Marketo, or remove it from fields; then try again."
        ),
        "1007": Remedy(
            "Several leads match one contact",
            "Merge the duplicates in Marketo (their ids are in the message), then try again."
        ),
        "1008": Remedy(
            "The API user has no access to the partition",
            "Give the API user's role the workspace of marketo.lead.partition, or name another partition; then try again."
        ),
        "1009": Remedy(
            "A partition must be named for new people",
            "Set marketo.lead.partition to the partition that new people go to, restart, then try again."
        ),
        "1010": Remedy(
            "The person cannot be moved to another partition",
            "Move the person in Marketo, or name that partition in marketo.lead.partition; then try again."
        ),
        "1011": Remedy(
            "Marketo cannot search by this field",
            "Choose a searchable field for marketo.lead.field, and restart."
        ),
        "1013": Remedy(
            "Marketo does not have what the record refers to",
            "Its company or opportunity was sent again automatically. If this persists, check whether someone removes it in Marketo; then try again."
        ),
        "1017": Remedy("Marketo has the record already", "Nothing to do: it is sent again as an update."),
        "1021": Remedy(
            "A company's fields cannot be written through a person",
            "Try again; if it persists, report it with the request id."
        ),
        "1022": Remedy(
            "The record is still used in Marketo",
            "Delete what uses it in Marketo, such as roles made by others; then try again."
        ),
        "1036": Remedy("One record appeared twice in a call", "Nothing to do: it is sent again alone."),
    ]
}
