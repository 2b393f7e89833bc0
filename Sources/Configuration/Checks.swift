/// Checks that concern several settings together.
extension Configuration {
    func check(toServe: Bool, _ findings: inout Findings) {
        checkListeners(&findings)
        checkParts(&findings)
        checkLimits(&findings)
        checkKeyLengths(&findings)
        guard toServe else { return }
        checkAcceptance(&findings)
        checkConnections(&findings)
    }

    private func checkListeners(_ findings: inout Findings) {
        if !admin.address.isLoopback, admin.token == nil {
            findings.refuse("admin.address", "allowed beyond loopback only with an admin.token")
        }
        if admin.port != 0, admin.port == `public`.port, admin.address == `public`.address {
            findings.refuse("admin.port", "the same as public.port")
        }
    }

    /// Parts that must be complete if they are given.
    private func checkParts(_ findings: inout Findings) {
        if let tls = `public`.tls {
            findings.require("public.tls.certificate", !tls.certificate.isEmpty, "tls")
            findings.require("public.tls.key", !tls.key.isEmpty, "tls")
        }
        if let syncWhen = rules.syncWhen {
            findings.require("rules.syncWhen.attribute", !syncWhen.attribute.isEmpty, "syncWhen")
        }
    }

    private func checkLimits(_ findings: inout Findings) {
        if limits.bodyBytesMax > limits.bodiesInMemoryMegabytesMax << 20 {
            findings.refuse("limits.bodyBytesMax", "more than limits.bodiesInMemoryMegabytesMax allows")
        }
    }

    private func checkKeyLengths(_ findings: inout Findings) {
        let accepted = [
            ("dynamics.keys", dynamics.keys), ("dynamics.headers", dynamics.headers.values.flatMap(\.self)),
            ("dynamics.query", dynamics.query.values.flatMap(\.self)), ("admin.token", admin.token.map { [$0] } ?? []),
        ]
        for (key, secrets) in accepted where secrets.contains(where: \.isShort) {
            findings.warn(key, "shorter than \(Secret.advisedBytesMin) characters; try: openssl rand -hex 32")
        }
    }

    private func checkAcceptance(_ findings: inout Findings) {
        if dynamics.anonymous, !`public`.address.isLoopback {
            findings.refuse("dynamics.anonymous", "allowed only with a loopback public.address, such as 127.0.0.1")
        } else if dynamics.anonymous, dynamics.hasKeys {
            findings.warn("dynamics.anonymous", "has no effect: accepted keys are configured, so one is required")
        } else if !dynamics.anonymous, !dynamics.hasKeys, !findings.hasProblem(below: "dynamics.") {
            let says = "no accepted key; set dynamics.keys, dynamics.headers, or dynamics.query"
            findings.refuse("dynamics.keys", says)
        }
    }

    /// A connection must be complete if it is given.
    private func checkConnections(_ findings: inout Findings) {
        checkWebApi(&findings)
        if marketo.salesPersons, dynamics.webApi == nil {
            findings.refuse(
                "marketo.salesPersons",
                "needs dynamics.webApi, from which names and addresses of users are read"
            )
        }
        if marketo.isConnected || !marketo.clientId.isEmpty || !marketo.clientSecret.isEmpty {
            findings.require("marketo.endpoint", marketo.isConnected, "marketo")
            findings.require("marketo.clientId", !marketo.clientId.isEmpty, "marketo")
            findings.require("marketo.clientSecret", !marketo.clientSecret.isEmpty, "marketo")
        } else {
            findings.warn("marketo.endpoint", "not set: everything is kept, nothing is forwarded")
        }
    }
}

extension Configuration {
    private func checkWebApi(_ findings: inout Findings) {
        guard let webApi = dynamics.webApi else { return }
        findings.require("dynamics.webApi.url", !webApi.url.isEmpty, "webApi")
        if !webApi.tenant.isEmpty, !webApi.tokenUrl.isEmpty {
            findings.refuse("dynamics.webApi.tokenUrl", "given beside dynamics.webApi.tenant; remove one of them")
        } else if !findings.hasProblem(below: "dynamics.webApi.tokenUrl") {
            let isGiven = !webApi.tenant.isEmpty || !webApi.tokenUrl.isEmpty
            findings.require("dynamics.webApi.tenant", isGiven, "webApi")
        }
        findings.require("dynamics.webApi.clientId", !webApi.clientId.isEmpty, "webApi")
        findings.require("dynamics.webApi.clientSecret", !webApi.clientSecret.isEmpty, "webApi")
    }
}

extension Configuration.Dynamics {
    public var hasKeys: Bool {
        !keys.isEmpty || headers.values.contains { !$0.isEmpty } || query.values.contains { !$0.isEmpty }
    }
}

extension Findings {
    fileprivate mutating func require(_ key: String, _ isGiven: Bool, _ part: String) {
        if !isGiven, !hasProblem(below: key) { refuse(key, "missing; \(part) needs it") }
    }

    /// If so, the check of a whole part would only repeat it.
    fileprivate func hasProblem(below prefix: String) -> Bool {
        problems.contains { $0.key.hasPrefix(prefix) }
    }
}
