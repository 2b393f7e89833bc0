import Coordination
package import HTTPServer
import Intake
import OnewayCore
package import Reading

extension Problem {
    package static let noSuchPath = Problem(.notFound, "There is no such path here.")

    /// A page for a browser, a problem document for any other client.
    package func response(to head: RequestHead) -> Response {
        guard head.headers["accept"]?.contains("text/html") ?? false else { return response }
        var frame = Frame(title: code.title, now: TimeSource.systemNow())
        frame.isRefreshed = false
        var page = frame.page(
            status: code.status,
            .tag("h1", [:], "\(code.title)"),
            .tag("p", [:], "\(detail)"),
            // A link on another site is refused; from this page it works.
            .tag("p", [:], .link("/", "Go to the status page"))
        )
        page.headers += headers
        return page
    }
}
