# Writes which method each call in the files of a folder really ran, while a program runs:
#   TRACE_ROOT=REPOSITORY TRACE_OUT=FILE ruby -r./ruby_calls.rb -I lib -I test some_test.rb
# A line of FILE: path:line of the call, the name called, the name of the method (another one if it
# is an alias), path:line of its definition or "outside". FILE is appended to.
root = "#{File.realpath(ENV.fetch("TRACE_ROOT"))}/"
start = Dir.pwd
seen = {}

place = lambda do |path, line|
  path = path && !path.start_with?("<") ? File.expand_path(path, start) : ""
  path.start_with?(root) ? "#{path.delete_prefix(root)}:#{line}" : "outside"
end

trace = TracePoint.new(:call, :c_call) do |point|
  # Above this block is the method itself if it is Ruby's, then who called it.
  from = caller_locations(point.event == :call ? 2 : 1, 1)&.first
  path = from && (from.absolute_path || from.path)
  next unless path&.start_with?(root)
  definition = [point.path, point.lineno]
  if point.event == :c_call # attributes have a place too
    definition = begin
      point.defined_class.instance_method(point.method_id).source_location
    rescue StandardError
      nil
    end
  end
  to = definition ? place.call(*definition) : "outside"
  seen["#{path.delete_prefix(root)}:#{from.lineno}\t#{point.callee_id}\t#{point.method_id}\t#{to}"] = true
end

at_exit do
  trace.disable
  File.open(ENV.fetch("TRACE_OUT"), "a") do |file|
    file.flock(File::LOCK_EX)
    seen.each_key { |line| file.puts(line) }
  end
end
trace.enable
