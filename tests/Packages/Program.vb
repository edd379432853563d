Imports TypedShm

Module Program
    Sub Main()
        Using writer = SharedState.Create(Of Telemetry)("from-vb"), reader = SharedState.Open(Of Telemetry)("from-vb")
            writer.Write(New Telemetry With {.Tick = 7, .Rpm = 3000})
            Dim value = reader.Read()
            Console.WriteLine($"tick {value.Tick}: {value.Rpm}")
        End Using
    End Sub
End Module
