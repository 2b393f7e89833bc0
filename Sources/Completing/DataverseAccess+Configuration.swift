package import Configuration
package import DataverseClient
import HTTPClient
import OnewayCore

extension DataverseAccess {
    package init(_ webApi: Configuration.WebApi) {
        let secret = webApi.clientSecret.reveal()
        self =
            webApi.tokenUrl.isEmpty
            ? DataverseAccess(url: webApi.url, tenant: webApi.tenant, clientID: webApi.clientId, clientSecret: secret)
            : DataverseAccess(
                url: webApi.url,
                tokenURL: webApi.tokenUrl,
                clientID: webApi.clientId,
                clientSecret: secret
            )
    }
}

extension DataverseClient {
    /// A client with threads of its own.
    package convenience init(
        _ webApi: Configuration.WebApi,
        answered: @escaping @Sendable (RequestResult) -> Void = { _ in }
    ) {
        self.init(
            DataverseAccess(webApi),
            limits: RequestBudget.Limits(
                concurrentRequests: webApi.concurrentRequests,
                requestsPer5Minutes: webApi.requestsPer5Minutes
            ),
            transport: CurlTransport(threads: webApi.concurrentRequests + 1, userAgent: Oneway.userAgent),
            answered: answered
        )
    }
}

extension Configuration.WebApi {
    /// Whether all that a connection needs is given.
    package var isComplete: Bool {
        !url.isEmpty && !clientId.isEmpty && !clientSecret.isEmpty && !(tenant.isEmpty && tokenUrl.isEmpty)
    }
}
