# As reads.c does it, of ENV: for each number that it reads, asks that often,
# and prints nanoseconds for one read of an ordinary and of a watched name.
STRETCHES = 25

def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)

def per_read(name, count)
  begun = now
  count.times { ENV[name] }
  (now - begun).fdiv(count)
end

def median(name, count)
  Array.new(STRETCHES) { per_read(name, count / STRETCHES + 1) }.sort[STRETCHES / 2]
end

$stdout.sync = true
$stdin.each_line do |line|
  puts format('%.2f %.2f', median('ORDINARY', line.to_i), median('OPENAI_API_KEY', line.to_i))
end
