import OnewayCore

/// The token endpoint belongs to Entra, with its own path and form of errors.
extension DataverseInstance {
    mutating func token(_ request: WebRequest, now: Timestamp) -> WebAnswer {
        guard request.method == "POST", request.isForm else {
            return Self.refused(
                400,
                "invalid_request",
                900_144,
                "The request body must contain the following parameter: 'grant_type'."
            )
        }
        for name in ["grant_type", "client_id", "client_secret", "scope"] where request.parameters[name] == nil {
            return Self.refused(
                name == "client_secret" ? 401 : 400,
                name == "client_secret" ? "invalid_client" : "invalid_request",
                name == "client_secret" ? 7_000_218 : 900_144,
                "The request body must contain the following parameter: '\(name)'."
            )
        }
        guard request.parameters["grant_type"] == "client_credentials" else {
            return Self.refused(400, "unsupported_grant_type", 70_003, "The app requested an unsupported grant type.")
        }
        guard request.parameters["client_id"] == options.clientID else {
            return Self.refused(400, "unauthorized_client", 700_016, "Application was not found in the directory.")
        }
        guard request.parameters["client_secret"] == options.clientSecret else {
            return Self.refused(401, "invalid_client", 7_000_215, "Invalid client secret provided.")
        }
        guard request.parameters["scope"]?.hasSuffix("/.default") == true else {
            return Self.refused(
                400,
                "invalid_scope",
                1_002_012,
                "The provided value for scope is not valid. Client credential flows must have a scope value with /.default "
                    + "suffixed to the resource identifier (application ID URI)."
            )
        }
        let token = tokens.give(now: now)
        return WebAnswer(
            .json([
                "token_type": "Bearer", "expires_in": .int(token.secondsLeft),
                "ext_expires_in": .int(token.secondsLeft),
                "access_token": .string(token.text),
            ])
        )
    }

    private static func refused(_ status: Int, _ error: String, _ number: Int, _ description: String) -> WebAnswer {
        var answer = WebAnswer(
            .json([
                "error": .string(error), "error_description": .string("AADSTS\(number): \(description)"),
                "error_codes": [.int(number)],
            ]),
            status: status
        )
        answer.code = error
        return answer
    }
}
