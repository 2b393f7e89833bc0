import OnewayCore

/// `oneway help --man`: all help texts as a manual page.
enum ManualPage {
    static var text: String {
        let commands = Help.commands.map { command in
            ".SS \(command.name)\n\(verbatim(command.name == "help" ? command.does : Help.text(command.name) ?? ""))"
        }
        return """
            .TH ONEWAY 1 "" "oneway \(Oneway.version)" "User Commands"
            .SH NAME
            oneway \\- Dynamics 365 opportunities to Marketo Engage, one way, in seconds
            .SH SYNOPSIS
            .B oneway
            .I COMMAND
            [\\fIOPTIONS\\fR]
            .SH DESCRIPTION
            \(verbatim(Help.text(nil) ?? ""))
            .SH COMMANDS
            \(commands.joined(separator: "\n"))
            .SH ENVIRONMENT
            Every key of the configuration can also be a variable: marketo.clientSecret is
            .BR ONEWAY_MARKETO_CLIENT_SECRET .
            .B NO_COLOR
            switches colours off.
            """
    }

    /// Lines as they are, whatever they contain.
    private static func verbatim(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let line = line.replacing("\\", with: "\\e").replacing("-", with: "\\-")
            // At the beginning of a line these would be requests.
            return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(line)" : String(line)
        }
        return ".nf\n\(lines.joined(separator: "\n"))\n.fi"
    }
}
