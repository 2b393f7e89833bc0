import Alerting
import Configuration
import OnewayCore
import Testing

/// What a receiver of alerts is sent, in the form that it understands.
@Suite struct AlertMessageTests {
    private static let alert: Alert = {
        var book = AlertBook()
        let since = Timestamp(second: 1_772_442_000)
        let standing = Verdict.Standing(Symptom(.turningAway, "A <b> & c.", "Do it."), since: since)
        book.look([standing], since)
        book.look([standing], Timestamp(second: 1_772_442_120))
        return book.due(Timestamp(second: 1_772_442_120))[0]
    }()

    @Test func slackGetsItsMarkup() throws {
        let body = AlertMessage(Self.alert, link: "http://h:1/").body(.slack)
        let text = try JSONDocument(body).root["text"]?.string
        #expect(
            text == """
                *Oneway: broken*
                A &lt;b&gt; &amp; c.
                Do it.
                Since 2026-03-02 09:00:00 UTC.
                <http://h:1/|Status page>
                """
        )
    }

    /// An adaptive card within a message, as a webhook of Workflows expects it.
    @Test func teamsGetsACard() throws {
        let root = try JSONDocument(AlertMessage(Self.alert, link: "http://h:1/").body(.teams)).root
        #expect(root["type"]?.string == "message")
        let attachment = try #require(root["attachments"]?.elements.first)
        #expect(attachment["contentType"]?.string == "application/vnd.microsoft.card.adaptive")
        let card = try #require(attachment["content"])
        #expect(card["type"]?.string == "AdaptiveCard" && card["version"]?.string == "1.4")
        let texts = (card["body"]?.elements ?? []).map { $0["text"]?.string }
        #expect(texts == ["Oneway: broken", "A <b> & c.", "Do it.", "Since 2026-03-02 09:00:00 UTC."])
        #expect(card["actions"]?.elements.first?["url"]?.string == "http://h:1/")
    }

    /// In a container it listens on all addresses, none of which leads anywhere.
    @Test(
        arguments: [
            ("127.0.0.1", [], "http://127.0.0.1:8081/"), ("::1", [], "http://[::1]:8081/"), ("0.0.0.0", [], nil),
            ("::", [], nil), ("0.0.0.0", ["ops.example", "b.example"], "http://ops.example:8081/"),
        ] as [(String, [String], String?)]
    )
    func theLinkLeadsSomewhere(address: String, hosts: [String], link: String?) throws {
        var settings = Configuration()
        settings.admin.address = try #require(IPAddress(address))
        settings.admin.hosts = hosts
        #expect(settings.admin.statusPage == link)
    }

    @Test func withoutALinkNoneIsShown() throws {
        let message = AlertMessage(Self.alert, link: nil)
        #expect(try JSONDocument(message.body(.json)).root["link"]?.isNull == true)
        let slack = try JSONDocument(message.body(.slack)).root["text"]?.string
        #expect(slack?.hasSuffix("Since 2026-03-02 09:00:00 UTC.") == true)
        let teams = try JSONDocument(message.body(.teams)).root["attachments"]?.elements.first?["content"]
        #expect(teams?["actions"]?.elements.isEmpty == true)
    }
}
