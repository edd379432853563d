open TypedShm

let struct (writer, reader) = SharedState.CreatePair<Telemetry>()
let mutable value = Telemetry(Tick = 7L, Rpm = 3000.0)
writer.Write(&value)
let read = reader.Read()
printfn "tick %d: %g" read.Tick read.Rpm
reader.Dispose()
writer.Dispose()
