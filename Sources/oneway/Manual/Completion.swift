/// `oneway completion`: a script that completes commands and options, made from the help texts.
enum Completion: String, CaseIterable {
    case bash, zsh, fish

    var script: String {
        switch self {
        case .bash: Self.forBash
        case .zsh: Self.forZsh
        case .fish: Self.forFish
        }
    }

    /// The words that a command takes besides options.
    private static func words(_ command: String) -> [String] {
        switch command {
        case "help": Help.commands.map(\.name)
        case "completion": allCases.map(\.rawValue)
        default: []
        }
    }

    /// After an option with a value, and where nothing fits, bash completes files.
    private static var forBash: String {
        let names = Help.commands.map(\.name)
        let valued = Set(names.flatMap(Help.options).filter { $0.value != nil }.map(\.name)).sorted()
        let cases = names.map { name in
            "    \(name)) words='\((Help.options(of: name).map(\.name) + words(name)).joined(separator: " "))' ;;"
        }
        return """
            # Completes oneway in bash: source <(oneway completion bash)
            _oneway() {
              local word=${COMP_WORDS[COMP_CWORD]} words=''
              COMPREPLY=()
              if [ "$COMP_CWORD" -gt 1 ]; then
                case ${COMP_WORDS[COMP_CWORD - 1]} in
                \(valued.joined(separator: "|"))) return ;;
                esac
                case ${COMP_WORDS[1]} in
            \(cases.joined(separator: "\n"))
                esac
              else
                words='\(names.joined(separator: " "))'
              fi
              mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
            }
            complete -o default -F _oneway oneway
            """
    }

    private static var forZsh: String {
        let commands = Help.commands.map { "    '\($0.name):\(quotable($0.does).replacing(":", with: "\\:"))'" }
        let cases = Help.commands.map { command in
            let options = Help.options(of: command.name).map { option in
                let does = quotable(option.does).replacing("[", with: "\\[").replacing("]", with: "\\]")
                let value = option.value.map { ":\($0):_files" } ?? ""
                return "'\(option.name)[\(does)]\(value)'"
            }
            let words = words(command.name)
            let rest = words.isEmpty ? "'*:file:_files'" : "'1:word:(\(words.joined(separator: " ")))'"
            return "    \(command.name)) _arguments \((options + [rest]).joined(separator: " ")) ;;"
        }
        return """
            #compdef oneway
            # Completes oneway in zsh: source <(oneway completion zsh), or as _oneway in a folder of $fpath
            _oneway() {
              local -a commands
              commands=(
            \(commands.joined(separator: "\n"))
              )
              if (( CURRENT == 2 )); then
                _describe command commands
                return
              fi
              local command=$words[2]
              shift words
              (( CURRENT-- ))
              case $command in
            \(cases.joined(separator: "\n"))
              esac
            }
            if [ "$funcstack[1]" = _oneway ]; then _oneway "$@"; else compdef _oneway oneway; fi
            """
    }

    private static var forFish: String {
        var lines = ["# Completes oneway in fish: oneway completion fish | source"]
        for command in Help.commands {
            lines.append(
                "complete -c oneway -f -n __fish_use_subcommand -a \(command.name) -d '\(quotable(command.does))'"
            )
            let after = "complete -c oneway -n '__fish_seen_subcommand_from \(command.name)'"
            for option in Help.options(of: command.name) {
                let value = option.value == nil ? "" : " -r"
                lines.append("\(after) -l \(option.name.dropFirst(2))\(value) -d '\(quotable(option.does))'")
            }
            let words = words(command.name)
            if !words.isEmpty { lines.append("\(after) -f -a '\(words.joined(separator: " "))'") }
        }
        return lines.joined(separator: "\n")
    }

    /// Within single quotes in each of the shells.
    private static func quotable(_ text: String) -> String { text.replacing("'", with: "’").replacing("\\", with: "/") }
}
