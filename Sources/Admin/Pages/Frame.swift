package import HTTPServer
import OnewayCore
import Reading

/// The parts around every page's contents.
struct Frame {
    let title: String
    let now: Timestamp
    /// This page's entry in the navigation; nil: none.
    var place: String?
    /// The search text.
    var query = ""
    /// The result of an action.
    var notice: String?
    var isRefreshed = true

    static let places: [(path: String, words: String)] = [
        ("/", "Status"), ("/parked", "Parked"), ("/waiting", "Waiting"), ("/quarantine", "Quarantine"),
        ("/refusals", "Refusals"), ("/verify", "Comparison"),
    ]

    func page(status: Int = 200, _ contents: HTML...) -> Response {
        Response(status: status, html: document(.all(contents)))
    }

    private func document(_ contents: HTML) -> HTML {
        .tag("html", ["lang": "en"], head, .tag("body", [:], skip, header, main(contents), footer))
    }

    private var head: HTML {
        .tag(
            "head",
            [:],
            .tag("meta", ["charset": "utf-8"]),
            .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .tag("meta", ["name": "color-scheme", "content": "light dark"]),
            .tag("title", [:], "\(title) · Oneway"),
            .tag("link", ["rel": "icon", "href": PageAsset.icon.rawValue, "type": "image/svg+xml"]),
            .tag("link", ["rel": "stylesheet", "href": PageAsset.style.rawValue]),
            isRefreshed ? .tag("script", ["src": PageAsset.script.rawValue, "defer": ""]) : .nothing
        )
    }

    private var skip: HTML { .tag("a", ["class": "skip", "href": "#main"], "Skip to the contents") }

    private var header: HTML {
        let links = Self.places.map { path, words in
            HTML.tag(
                "li",
                [:],
                .tag("a", ["href": path, "aria-current": path == place ? "page" : nil], "\(words)")
            )
        }
        return .tag(
            "header",
            [:],
            .tag(
                "div",
                ["class": "bar"],
                .tag("a", ["class": "brand", "href": "/"], "Oneway"),
                .tag("nav", ["aria-label": "Pages"], .tag("ul", [:], .all(links))),
                search
            )
        )
    }

    private var search: HTML {
        .tag(
            "form",
            ["class": "search", "role": "search", "action": "/search"],
            .tag("label", ["for": "q", "class": "hidden"], "Find an opportunity by id or the beginning of its name"),
            .tag(
                "input",
                [
                    "id": "q", "name": "q", "type": "search", "value": query, "placeholder": "Opportunity id or name",
                    "autocomplete": "off", "spellcheck": "false", "maxlength": "200",
                ]
            ),
            .tag("button", ["type": "submit"], "Find")
        )
    }

    private func main(_ contents: HTML) -> HTML {
        let told = notice.map { HTML.tag("p", ["class": "notice", "role": "status"], "\($0)") } ?? .nothing
        return .tag("main", ["id": "main", "tabindex": "-1"], told, contents)
    }

    private var footer: HTML {
        .tag(
            "footer",
            [:],
            .tag(
                "div",
                ["class": "bar"],
                .tag(
                    "p",
                    ["id": "asof"],
                    "As of ",
                    .tag("time", ["datetime": "\(now)"], "\(Wording.absolute(now))"),
                    "."
                ),
                .tag("p", ["id": "refresh", "hidden": ""]),
                .tag("p", ["class": "end"], "Oneway \(version)")
            )
        )
    }

    private var version: String { Oneway.version }
}

extension Response {
    /// Nothing from other sites, nothing inline, no framing. `same-origin`, because without a referrer browsers also
    /// hide the origin of forms, by which our own forms are recognised.
    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'
        """

    private static let guards: [(name: String, value: String)] = [
        ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]

    package init(status: Int, html: HTML, headers: [(name: String, value: String)] = []) {
        let own = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]
        self.init(status: status, headers: own + Self.guards + headers, body: html.document)
    }

    package init(_ asset: PageAsset) {
        let (type, bytes) =
            switch asset {
            case .style: ("text/css; charset=utf-8", PackageResources.page_css)
            case .script: ("text/javascript; charset=utf-8", PackageResources.page_js)
            case .icon: ("image/svg+xml", PackageResources.icon_svg)
            }
        self.init(type: type, bytes)
    }

    package init(style bytes: [UInt8]) { self.init(type: "text/css; charset=utf-8", bytes) }

    private init(type: String, _ bytes: [UInt8]) {
        let own = [("Content-Type", type), ("Cache-Control", "no-cache")]
        self.init(status: 200, headers: own + Self.guards, body: bytes)
    }

    /// After an action: the browser fetches the page again, so that reloading it does not repeat the action.
    package init(goTo address: String) {
        self.init(status: 303, headers: [("Location", address), ("Cache-Control", "no-store")])
    }
}
