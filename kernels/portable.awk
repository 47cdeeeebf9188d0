# Of the PTX that nvcc wrote, for kernels/build: nothing that names this machine, and the ISA that the variable ISA says.
#
#   .file          paths begin in kernels/, the folder that HERE names, or in cuda/
#   names          nvcc calls what is static or in an anonymous namespace after the source's folder, and where nothing else in a file
#                  is visible, after its own process. The number before such a name is its length
#   .debug_str     the same names once more, as numbers
#   .pragma        used_bytes_mask, a hint for loads, asks for ISA 8.3 and is left out

function steady(s, out, name) {
  while (match(s, /[0-9]+_(INTERNAL_|GLOBAL__N__)/)) {
    name = substr(s, RSTART, RLENGTH)
    out = out substr(s, 1, RSTART - 1) (name ~ /INTERNAL/ ? "9_INTERNAL" : "12_GLOBAL__N_1")
    s = substr(s, RSTART + index(name, "_") - 1 + name)
  }
  return out s
}

# The string that has been read, in the lines it came in unless its names change.
function write_string(    i, count, numbers, text, now, line) {
  count = split(list, numbers, ",")
  for (i = 1; i <= count; i++) text = text (numbers[i] == 0 ? "" : character[numbers[i]])
  now = steady(text)
  if (now == text) {
    printf "%s", lines
  } else {
    for (i = 1; i <= length(now) + 1; i++) {
      line = line (line == "" ? ".b8 " : ",") (i > length(now) ? 0 : number[substr(now, i, 1)])
      if (i % 40 == 0 || i > length(now)) { print line; line = "" }
    }
  }
  list = lines = ""
}

BEGIN {
  here = "\"" ENVIRON["HERE"] "/"
  for (i = 1; i < 256; i++) { character[i] = sprintf("%c", i); number[character[i]] = i }
}
/^[ \t]*\.pragma[ \t]+"used_bytes_mask/ { next }
/^\.version / { $0 = ".version " ENVIRON["ISA"] }
/^[ \t]*\.section[ \t]/ { strings = /\.debug_str/ }
strings && /^\.b8 / {
  list = list (list == "" ? "" : ",") substr($0, 5)
  lines = lines $0 "\n"
  next
}
list != "" { write_string() }
/^[ \t]*\.file[ \t]/ {
  at = index($0, here)
  if (at) $0 = substr($0, 1, at) "kernels/" substr($0, at + length(here))
  else sub(/"[^"]*\/include\//, "\"cuda/")
}
{ print steady($0) }
