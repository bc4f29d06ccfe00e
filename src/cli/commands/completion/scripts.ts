import type { Shell } from './shells.ts';

/** Each asks for lines of a value, a tab and its description; without lines, the shell completes files. */
const scripts: Readonly<Record<Shell, string>> = {
  bash: `# In ~/.bashrc: source <(temporal-spark completion bash)
_temporal_spark() {
  local IFS=$'\\n'
  COMPREPLY=($(temporal-spark complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -F _temporal_spark temporal-spark`,
  zsh: `#compdef temporal-spark
# In ~/.zshrc, after compinit: source <(temporal-spark completion zsh)
_temporal_spark() {
  local line
  local -a found
  for line in "\${(@f)$(temporal-spark complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe temporal-spark found; else _files; fi
}
compdef _temporal_spark temporal-spark`,
  fish: `# In ~/.config/fish/config.fish: temporal-spark completion fish | source
function __temporal_spark_complete
  set -l words (commandline -opc) (commandline -ct)
  temporal-spark complete -- $words[2..-1] 2>/dev/null
end
complete -c temporal-spark -a '(__temporal_spark_complete)'`,
};

export const completionScript = (shell: Shell): string => scripts[shell];
